import numpy as np


def states_from_scratch(weights, embeddings, items):
    states = []
    for k in range(len(embeddings) + 1):
        rows = np.vstack((items, *states))
        if k > 0:
            rows[-1] += embeddings[k - 1]
        h = normalise(rows)
        query, keys, values = project(weights, h)
        states.append(finish(weights, h[-1], attend(query[-1], keys, values)))
    return np.stack(states)
