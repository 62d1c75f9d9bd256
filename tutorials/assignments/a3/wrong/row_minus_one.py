import numpy as np


def states_from_scratch(weights, embeddings, items):
    rows, states = items, []
    for k in range(len(embeddings) + 1):
        h = normalise(rows)
        query, keys, values = project(weights, h)
        states.append(finish(weights, h[-1], attend(query[-1], keys, values)))
        if k < len(embeddings):
            rows = np.vstack((rows, states[-1] + embeddings[k - 1]))
    return np.stack(states)
