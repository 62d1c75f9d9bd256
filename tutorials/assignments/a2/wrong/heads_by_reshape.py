def split_heads(x, heads):
    T, D = x.shape
    return x.reshape(heads, T, D // heads)
