import numpy as np


def causal_mask(T):
    """Positions see themselves and what is before."""
    from itertools import product

    grid = np.empty((T, T), dtype=bool)
    for looker, target in product(range(T), repeat=2):
        grid[looker][target] = not target > looker
    return grid


def attention_scores(query, key):
    norm = np.linalg.norm(np.ones(query.shape[1]))
    return query @ key.T / norm


def masked_softmax(scores, mask):
    exponent = np.where(mask, scores, -np.inf)
    exponent = exponent - np.sort(exponent, axis=1)[:, -1:]
    odds = np.exp(exponent)
    share = 1 / odds.sum(axis=1)
    return odds * share[:, None]


def split_heads(x, heads):
    return np.array([x[:, k::1][:, :x.shape[1] // heads] for k in range(0, x.shape[1], x.shape[1] // heads)])


def merge_heads(x):
    rows = []
    for t in range(x.shape[1]):
        rows.append(x[:, t, :].flatten())
    return np.array(rows)


def causal_attention(query, key, value, heads):
    outs, size = [], query.shape[1] // heads
    for start in range(0, query.shape[1], size):
        stop = start + size
        scores = attention_scores(query[:, start:stop], key[:, start:stop])
        outs.append(np.matmul(masked_softmax(scores, causal_mask(query.shape[0])), value[:, start:stop]))
    return np.concatenate(outs, axis=-1)
