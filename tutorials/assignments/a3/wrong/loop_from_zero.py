import numpy as np


def reason(weights, embeddings, state, keys, values):
    states = [state]
    for k in range(len(embeddings)):
        x = reasoning_input(states[-1], embeddings, k)
        state, keys, values = reasoning_step(weights, x, keys, values)
        states.append(state)
    return np.stack(states)
