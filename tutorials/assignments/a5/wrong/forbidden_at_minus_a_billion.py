import numpy as np


def info_nce(noised, clean, temperature, allowed):
    return -np.diagonal(log_softmax(np.where(allowed, noised @ clean.T / temperature, -1e9))).mean()
