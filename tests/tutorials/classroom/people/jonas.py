import numpy as np


def causal_mask(T):
    return np.array([[True] * (i + 1) + [False] * (T - i - 1) for i in range(T)], dtype=bool).reshape(T, T)


def attention_scores(query, key):
    return np.dot(query, np.transpose(key)) / np.power(query.shape[1], 0.5)


def masked_softmax(scores, mask):
    def row(s, m):
        c = s[m].max()
        e = np.zeros(s.shape)
        np.exp(s - c, out=e, where=m)
        return e / e.sum()

    return np.array([row(s, m) for s, m in zip(scores, mask)])


def split_heads(x, heads):
    T, D = x.shape
    cut = x.reshape((T, heads, D // heads))
    return np.array([cut[:, h, :] for h in range(heads)])


def merge_heads(x):
    T = x.shape[1]
    flat = np.swapaxes(x, 0, 1)
    return flat.reshape(T, -1)


def causal_attention(query, key, value, heads):
    mask = causal_mask(query.shape[0])
    Q, K, V = split_heads(query, heads), split_heads(key, heads), split_heads(value, heads)
    A = [masked_softmax(attention_scores(Q[h], K[h]), mask) for h in range(heads)]
    return merge_heads(np.matmul(np.array(A), V))
