import numpy as np


def top_items(scores, k, seen):
    marked = np.array(scores, dtype=float)
    marked[np.array(seen, dtype=int)] = -100
    order = np.argsort(-marked, kind="stable")
    return order[marked[order] > -100][:k]
