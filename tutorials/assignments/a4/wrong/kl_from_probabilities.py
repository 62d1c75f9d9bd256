import numpy as np


def kl_matrix(log_probs):
    y = np.exp(log_probs)
    return (y[:, :, None] * np.log(y[:, :, None] / y[:, None])).sum(axis=-1)
