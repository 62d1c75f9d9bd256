def rows_projected(T, K):
    return T + K, T * (K + 1)
