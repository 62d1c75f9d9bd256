import numpy as np


def reasoning_step(weights, x, keys, values):
    h = normalise(x)
    query, key, value = project(weights, h)
    state = finish(weights, h, attend(query, keys, values))
    return state, np.vstack((keys, key)), np.vstack((values, value))
