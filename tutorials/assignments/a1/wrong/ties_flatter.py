def expected_metric(gains, k, above, tied):
    rank = above + 1
    return gains[rank - 1] if rank <= k else 0.0
