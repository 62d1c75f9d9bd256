import numpy as np


def info_nce(noised, clean, temperature, allowed):
    scores = np.where(allowed, noised @ clean.T / temperature, -np.inf)
    powers = np.exp(scores - scores.max())
    return -np.log(np.diagonal(powers) / powers.sum(axis=1)).mean()
