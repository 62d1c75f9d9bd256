import numpy as np


def kl_gradient(log_probs, stop):
    M = len(log_probs)
    y, gradient = np.exp(log_probs), np.zeros(log_probs.shape)
    for i in range(M):
        for j in range(M):
            if i != j:
                gradient[i] += y[i] * (log_probs[i] - log_probs[j] + 1)
                if not stop:
                    gradient[j] -= y[i] / y[j] * y[j]
    return gradient / (M * (M - 1))
