def read_history(weights, items):
    h = normalise(items)
    query, keys, values = project(weights, h)
    return finish(weights, h[0], attend(query[0], keys, values)), keys, values
