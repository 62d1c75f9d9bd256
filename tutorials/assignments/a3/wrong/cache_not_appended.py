import numpy as np


def reasoning_step(weights, x, keys, values):
    h = normalise(x)
    query, key, value = project(weights, h)
    mixed = attend(query, np.vstack((keys, key)), np.vstack((values, value)))
    return finish(weights, h, mixed), keys, values
