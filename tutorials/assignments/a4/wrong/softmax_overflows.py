import numpy as np


def log_probabilities(states, table, temperature):
    scores = states @ table.T / temperature
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
