import numpy as np


def causal_mask(T):
    steps = np.arange(T)
    return steps[:, None] - steps >= 0


def attention_scores(query, key):
    similarity = query.dot(key.T)
    similarity /= query.shape[1]
    return similarity


def masked_softmax(scores, mask):
    e = np.exp(scores)
    e[mask == False] = 0
    total = np.sum(e, axis=1)
    for i in range(len(e)):
        e[i] = e[i] / total[i]
    return e


def split_heads(x, heads):
    return x.reshape(heads, x.shape[0], -1)


def merge_heads(x):
    return np.block([x[i] for i in range(len(x))])


def causal_attention(query, key, value, heads):
    pass
