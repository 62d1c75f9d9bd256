import numpy as np


def numerical_gradient(name, grad_out, query, key, value, mask, step):
    arrays = {"query": query, "key": key, "value": value}
    moved = arrays[name]
    gradient = np.zeros(moved.shape)
    for i in range(moved.shape[0]):
        for j in range(moved.shape[1]):
            moved[i, j] += step
            above = (grad_out * attention(query, key, value, mask)).sum()
            moved[i, j] -= 2 * step
            below = (grad_out * attention(query, key, value, mask)).sum()
            gradient[i, j] = (above - below) / (2 * step)
    return gradient
