def softmax_backward(grad_weights, weights):
    return weights * (grad_weights - (grad_weights * weights).sum())
