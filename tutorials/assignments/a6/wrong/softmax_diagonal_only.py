def softmax_backward(grad_weights, weights):
    return grad_weights * weights * (1 - weights)
