def weights_backward(grad_out, value):
    return value @ grad_out.T
