import numpy as np


def log_probabilities(states, table, temperature):
    scores = states @ table.T / temperature
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.log(powers / powers.sum(axis=-1, keepdims=True))
