import numpy as np


def masked_softmax(scores, mask):
    centre = np.array([row[seen].mean() for row, seen in zip(scores, mask)])
    powers = np.where(mask, np.exp(np.where(mask, scores, 0) - centre[:, None]), 0.0)
    return powers / powers.sum(axis=1, keepdims=True)
