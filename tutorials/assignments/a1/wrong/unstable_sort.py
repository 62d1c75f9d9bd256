import numpy as np


def top_items(scores, k, seen):
    left = np.array([v for v in range(len(scores)) if v not in seen], dtype=int)
    return left[np.argsort(-scores[left])][:k]
