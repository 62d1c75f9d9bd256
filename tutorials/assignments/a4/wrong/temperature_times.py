import numpy as np


def log_probabilities(states, table, temperature):
    scores = states @ table.T * temperature
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
