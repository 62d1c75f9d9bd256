def softmax_backward(grad_weights, weights):
    return grad_weights - weights * grad_weights.sum(axis=1, keepdims=True)
