import math

import numpy as np


def causal_mask(T):
    rows = []
    for i in range(T):
        rows.append([j <= i for j in range(T)])
    return np.array(rows)


def attention_scores(query, key):
    Q, d = query.shape
    T = key.shape[0]
    result = np.zeros((Q, T))
    for i in range(Q):
        for j in range(T):
            result[i, j] = np.sum(query[i] * key[j])
    return result / math.sqrt(d)


def masked_softmax(scores, mask):
    Q, T = scores.shape
    weights = np.zeros((Q, T))
    for i in range(Q):
        biggest = max(scores[i, j] for j in range(T) if mask[i, j])
        total = 0.0
        for j in range(T):
            if mask[i, j]:
                weights[i, j] = math.exp(scores[i, j] - biggest)
                total += weights[i, j]
        for j in range(T):
            weights[i, j] /= total
    return weights


def split_heads(x, heads):
    T, D = x.shape
    d = D // heads
    out = np.zeros((heads, T, d))
    for h in range(heads):
        for t in range(T):
            for c in range(d):
                out[h, t, c] = x[t, h * d + c]
    return out


def merge_heads(x):
    H, T, d = x.shape
    out = np.zeros((T, H * d))
    for h in range(H):
        for t in range(T):
            for c in range(d):
                out[t, h * d + c] = x[h, t, c]
    return out


def causal_attention(query, key, value, heads):
    T = len(query)
    qh = split_heads(query, heads)
    kh = split_heads(key, heads)
    vh = split_heads(value, heads)
    res = np.zeros(vh.shape)
    for h in range(heads):
        w = masked_softmax(attention_scores(qh[h], kh[h]), causal_mask(T))
        res[h] = np.dot(w, vh[h])
    return merge_heads(res)
