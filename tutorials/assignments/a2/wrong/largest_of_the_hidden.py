import numpy as np


def masked_softmax(scores, mask):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True)) * mask
    return powers / powers.sum(axis=1, keepdims=True)
