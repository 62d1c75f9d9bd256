import numpy as np


def causal_mask(T):
    idx = np.arange(T)
    return np.greater_equal.outer(idx, idx)


def attention_scores(query, key):
    scale = query.shape[1] ** -0.5
    return (query * scale).dot(key.T)


def masked_softmax(scores, mask):
    # log of the sum of exponentials, row by row
    hidden = np.full(scores.shape, -np.inf)
    hidden[mask] = scores[mask]
    top = np.amax(hidden, axis=-1)[:, None]
    logsum = top + np.log(np.exp(hidden - top).sum(axis=-1, keepdims=True))
    return np.exp(hidden - logsum)


def split_heads(x, heads):
    positions, width = x.shape
    return np.transpose(np.reshape(x, (positions, heads, width // heads)), (1, 0, 2))


def merge_heads(x):
    return np.hstack([head for head in x])


def causal_attention(query, key, value, heads):
    mask = causal_mask(query.shape[0])

    def one(h_query, h_key, h_value):
        return masked_softmax(attention_scores(h_query, h_key), mask).dot(h_value)

    per_head = map(one, split_heads(query, heads), split_heads(key, heads), split_heads(value, heads))
    return merge_heads(np.asarray(list(per_head)))
