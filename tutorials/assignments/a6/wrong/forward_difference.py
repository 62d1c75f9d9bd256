import numpy as np


def numerical_gradient(name, grad_out, query, key, value, mask, step):
    arrays = {"query": query, "key": key, "value": value}
    gradient = np.zeros(arrays[name].shape)
    before = (grad_out * attention(query, key, value, mask)).sum()
    for place in np.ndindex(gradient.shape):
        moved = arrays[name].copy()
        moved[place] += step
        after = (grad_out * attention(**{**arrays, name: moved}, mask=mask)).sum()
        gradient[place] = (after - before) / step
    return gradient
