import numpy as np


def kl_matrix(log_probs):
    P, M, V = log_probs.shape
    out = np.zeros((P, M, M))
    for i in range(M):
        for j in range(M):
            out[:, i, j] = (np.exp(log_probs[:, j]) * (log_probs[:, j] - log_probs[:, i])).sum(axis=-1)
    return out
