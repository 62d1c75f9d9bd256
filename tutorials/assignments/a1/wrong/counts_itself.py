import numpy as np


def above_and_tied(scores, target, seen):
    own = scores[target]
    candidates = [item for item in range(len(scores)) if item not in seen or item == target]
    return np.sum(scores[candidates] > own), np.sum(scores[candidates] == own)
