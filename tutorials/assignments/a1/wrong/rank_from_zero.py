import math


def metrics_at(rank, k):
    if rank >= k:
        return 0.0, 0.0, 0.0
    return 1.0, 1 / math.log2(rank + 2), 1 / (rank + 1)
