import numpy as np


def above_and_tied(scores, target, seen):
    others = np.ones(len(scores), dtype=bool)
    others[list(seen)] = False
    others[target] = False
    same = np.isclose(scores, scores[target])
    return int((others & ~same & (scores > scores[target])).sum()), int((others & same).sum())
