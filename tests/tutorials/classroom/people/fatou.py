import math

import numpy as np


def causal_mask(T):
    return np.fromfunction(lambda i, j: j <= i, (T, T))


def attention_scores(query, key):
    root = math.sqrt(math.sqrt(query.shape[1]))
    return np.matmul(query / root, (key / root).transpose())


def softmax_row(row):
    row = np.exp(row - np.max(row))
    return row / np.sum(row)


def masked_softmax(scores, mask):
    result = []
    for row, allowed in zip(scores, mask):
        places = np.flatnonzero(allowed)
        new = np.zeros(len(row))
        new[places] = softmax_row(row[places])
        result.append(new)
    return np.array(result)


def split_heads(x, heads):
    w = x.shape[1] // heads
    return np.array([[r[h * w:(h + 1) * w] for r in x] for h in range(heads)])


def merge_heads(x):
    return np.array([np.concatenate([x[h, t] for h in range(x.shape[0])]) for t in range(x.shape[1])])


def causal_attention(query, key, value, heads):
    everything = []
    for q, k, v in zip(*(split_heads(m, heads) for m in (query, key, value))):
        everything.append(np.matmul(masked_softmax(attention_scores(q, k), causal_mask(q.shape[0])), v))
    return merge_heads(np.array(everything))
