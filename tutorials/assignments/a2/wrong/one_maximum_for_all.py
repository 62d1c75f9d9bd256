import numpy as np


def masked_softmax(scores, mask):
    visible = np.where(mask, scores, -np.inf)
    powers = np.exp(visible - visible.max())
    return powers / powers.sum(axis=1, keepdims=True)
