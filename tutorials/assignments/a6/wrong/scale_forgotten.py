def scores_backward(grad_scores, query, key):
    return grad_scores @ key, grad_scores.T @ query
