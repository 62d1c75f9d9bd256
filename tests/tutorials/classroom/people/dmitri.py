import numpy as np


def causal_mask(T):
    mask = np.zeros((T, T), dtype=bool)
    for row in range(T):
        mask[row, : row + 1] = True
    return mask


def attention_scores(query, key):
    width = query.shape[1]
    inner = np.tensordot(query, key, axes=([1], [1]))
    return inner / np.sqrt(width)


def masked_softmax(scores, mask):
    masked = np.ma.array(scores, mask=~mask)
    shifted = masked - masked.max(axis=1).reshape(-1, 1)
    numerator = np.exp(shifted).filled(0.0)
    denominator = numerator.sum(axis=1)
    return numerator / denominator.reshape(-1, 1)


def split_heads(x, heads):
    size = x.shape[1] // heads
    pieces = []
    for number in range(heads):
        left = number * size
        pieces.append(x[:, left:left + size])
    return np.array(pieces)


def merge_heads(x):
    together = x[0]
    for piece in x[1:]:
        together = np.append(together, piece, axis=1)
    return together


def causal_attention(query, key, value, heads):
    queries, keys, values = split_heads(query, heads), split_heads(key, heads), split_heads(value, heads)
    visible = causal_mask(len(query))
    output = np.empty_like(values)
    for number in range(heads):
        scores = attention_scores(queries[number], keys[number])
        output[number] = masked_softmax(scores, visible) @ values[number]
    return merge_heads(output)
