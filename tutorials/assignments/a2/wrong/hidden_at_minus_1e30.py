import numpy as np


def masked_softmax(scores, mask):
    visible = np.where(mask, scores, -1e30)
    powers = np.exp(visible - visible.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
