def expected_metric(gains, k, above, tied):
    rank = round(above + 1 + tied / 2)
    return gains[rank - 1] if rank <= k else 0.0
