import math


def metrics_at(rank, k):
    hit = float(rank <= k)
    return hit, hit / math.log2(rank + 1), 1 / rank
