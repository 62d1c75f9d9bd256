import numpy as np


def info_nce(noised, clean, temperature, allowed):
    probabilities = np.exp(log_softmax(noised @ clean.T / temperature)) * allowed
    return -np.log(np.diagonal(probabilities)).mean()
