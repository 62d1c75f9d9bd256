import numpy as np


def kl_gradient(log_probs, stop):
    M = len(log_probs)
    y, gradient = np.exp(log_probs), np.zeros(log_probs.shape)
    for i in range(M):
        for j in set(range(M)) - {i}:
            gap = np.log(y[i] / y[j])
            gradient[i] += y[i] * (gap - (y[i] * gap).sum())
            if not stop:
                gradient[j] += y[j] - y[i]
    return gradient / (M * (M - 1))
