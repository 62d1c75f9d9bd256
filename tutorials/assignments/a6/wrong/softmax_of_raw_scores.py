import numpy as np


def attention_backward(grad_out, query, key, value, mask):
    scores = np.where(mask, query @ key.T, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = powers / powers.sum(axis=1, keepdims=True)
    grad_scores = softmax_backward(weights_backward(grad_out, value), weights)
    grad_query, grad_key = scores_backward(grad_scores, query, key)
    return grad_query, grad_key, value_backward(grad_out, weights)
