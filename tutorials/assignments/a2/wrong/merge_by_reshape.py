def merge_heads(x):
    H, T, d = x.shape
    return x.reshape(T, H * d)
