import numpy as np


def reason(weights, embeddings, state, keys, values):
    states = [state]
    for k in range(1, len(embeddings) + 1):
        x = reasoning_input(state, embeddings, k)
        new, keys, values = reasoning_step(weights, x, keys, values)
        states.append(new)
    return np.stack(states)
