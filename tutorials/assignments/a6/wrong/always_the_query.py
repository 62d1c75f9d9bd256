import numpy as np


def numerical_gradient(name, grad_out, query, key, value, mask, step):
    gradient = np.zeros(query.shape)
    for place in np.ndindex(gradient.shape):
        nudge = np.zeros(query.shape)
        nudge[place] = step
        above = (grad_out * attention(query + nudge, key, value, mask)).sum()
        below = (grad_out * attention(query - nudge, key, value, mask)).sum()
        gradient[place] = (above - below) / (2 * step)
    return gradient
