def compare_steps(values):
    means = values.mean(axis=0)
    return means, means.max()
