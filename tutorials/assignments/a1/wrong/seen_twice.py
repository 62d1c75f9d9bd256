import numpy as np


def above_and_tied(scores, target, seen):
    above = np.sum(scores > scores[target])
    tied = np.sum(scores == scores[target]) - 1
    for item in seen:
        if item != target:
            above -= scores[item] > scores[target]
            tied -= scores[item] == scores[target]
    return above, tied
