import numpy as np


def top_items(scores, k, seen):
    candidates = np.array([item for item in range(len(scores)) if item not in seen], dtype=float)
    return candidates[np.argsort([-scores[int(item)] for item in candidates], kind="stable")][:k]
