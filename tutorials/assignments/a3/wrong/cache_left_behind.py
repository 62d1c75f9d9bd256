import numpy as np


def reason(weights, embeddings, state, keys, values):
    states = [state]
    for k in range(1, len(embeddings) + 1):
        state, _, _ = reasoning_step(weights, reasoning_input(state, embeddings, k), keys, values)
        states.append(state)
    return np.stack(states)
