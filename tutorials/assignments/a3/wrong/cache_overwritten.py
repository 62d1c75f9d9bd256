def reasoning_step(weights, x, keys, values):
    h = normalise(x)
    query, key, value = project(weights, h)
    keys, values = keys.copy(), values.copy()
    keys[-1:], values[-1:] = key, value
    return finish(weights, h, attend(query, keys, values)), keys, values
