import numpy as np


def above_and_tied(scores, target, seen):
    scores = scores.copy()
    scores[seen] = -np.inf
    above = np.sum(scores > scores[target])
    tied = np.sum(scores == scores[target]) - 1
    return above, tied
