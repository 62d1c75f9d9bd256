def value_backward(grad_out, weights):
    return weights @ grad_out
