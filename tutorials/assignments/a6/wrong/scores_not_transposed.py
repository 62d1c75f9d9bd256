import math


def scores_backward(grad_scores, query, key):
    scale = math.sqrt(query.shape[1])
    return grad_scores @ key / scale, grad_scores @ query / scale
