import math

import numpy as np


def attention_backward(grad_out, query, key, value, mask):
    scores = np.where(mask, query @ key.T / math.sqrt(query.shape[1]), -np.inf)
    powers = np.exp(scores - scores.max())
    weights = powers / powers.sum(axis=1, keepdims=True)
    grad_scores = softmax_backward(weights_backward(grad_out, value), weights)
    return (*scores_backward(grad_scores, query, key), value_backward(grad_out, weights))
