def expected_metric(gains, k, above, tied):
    return gains[above:min(above + tied + 1, k)].mean()
