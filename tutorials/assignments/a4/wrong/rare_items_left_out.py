import numpy as np


def kl_matrix(log_probs):
    first, second = log_probs[:, :, None, :], log_probs[:, None, :, :]
    return np.where(first > np.log(1e-6), np.exp(first) * (first - second), 0).sum(axis=-1)
