import numpy as np


def masked_softmax(scores, mask):
    powers = np.where(mask, np.exp(scores - scores.max()), 0)
    return powers / powers.sum(axis=0)
