import numpy as np


def log_probabilities(states, table, temperature):
    scores = states @ table.T / temperature
    scores = scores - scores.max()
    return scores - np.log(np.exp(scores).sum())
