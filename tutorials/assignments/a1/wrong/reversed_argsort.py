import numpy as np


def top_items(scores, k, seen):
    order = np.argsort(scores, kind="stable")[::-1]
    return np.array([item for item in order if item not in seen][:k], dtype=int)
