import numpy as np


def numerical_gradient(name, grad_out, query, key, value, mask, step):
    arrays = {"query": query.copy(), "key": key.copy(), "value": value.copy()}
    moved = arrays[name]
    gradient = np.zeros(moved.shape)
    for place in np.ndindex(gradient.shape):
        moved[place] += step
        above = (grad_out * attention(**arrays, mask=mask)).sum()
        moved[place] -= 2 * step
        below = (grad_out * attention(**arrays, mask=mask)).sum()
        gradient[place] = (above - below) / (2 * step)
    return gradient
