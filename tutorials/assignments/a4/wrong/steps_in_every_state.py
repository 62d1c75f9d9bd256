import numpy as np


def log_probabilities(states, table, temperature):
    out = np.empty((*states.shape[:-1], len(table)))
    for k in range(states.shape[-2]):
        scores = states[..., k, :] @ table.T / temperature
        scores = scores - scores.max(axis=-1, keepdims=True)
        out[..., k, :] = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    return out
