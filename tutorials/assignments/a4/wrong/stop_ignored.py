import numpy as np


def kl_gradient(log_probs, stop):
    M = len(log_probs)
    y, gradient = np.exp(log_probs), np.zeros(log_probs.shape)
    for i in range(M):
        for j in range(M):
            if i != j:
                gap = log_probs[i] - log_probs[j]
                gradient[i] += y[i] * (gap - (y[i] * gap).sum())
                gradient[j] += y[j] - y[i]
    return gradient / (M * (M - 1))
