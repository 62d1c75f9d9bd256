def read_history(weights, items):
    query, keys, values = project(weights, items)
    return finish(weights, items[-1], attend(query[-1], keys, values)), keys, values
