import numpy as np


def causal_mask(T):
    return ~np.triu(np.ones((T, T), bool), 1)


def attention_scores(query, key):
    d = query.shape[1]
    products = []
    for q in query:
        products.append(key @ q)
    return np.vstack(products) / d ** 0.5


def masked_softmax(scores, mask):
    biggest = np.max(scores, axis=1, initial=-np.inf, where=mask)
    safe = np.where(mask, scores - biggest[:, np.newaxis], -np.inf)
    unnormalised = np.exp(safe)
    return (unnormalised.T / unnormalised.sum(1)).T


def split_heads(x, heads):
    return np.moveaxis(x.reshape(len(x), heads, -1), 1, 0)


def merge_heads(x):
    h, t, d = x.shape
    return np.moveaxis(x, 0, 1).reshape((t, h * d))


def causal_attention(query, key, value, heads):
    result = []
    hq, hk, hv = [split_heads(thing, heads) for thing in [query, key, value]]
    for i in range(heads):
        s = attention_scores(hq[i], hk[i])
        a = masked_softmax(s, causal_mask(s.shape[0]))
        result += [a @ hv[i]]
    return merge_heads(np.stack(result, axis=0))
