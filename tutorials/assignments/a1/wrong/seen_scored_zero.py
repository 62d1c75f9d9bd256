import numpy as np


def top_items(scores, k, seen):
    scores = scores.copy()
    scores[seen] = 0
    order = np.argsort(-scores, kind="stable")
    return order[:min(k, len(scores) - len(set(seen)))]
