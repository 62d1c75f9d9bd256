import math
import numpy as np


def causal_mask(T):
    return np.tri(T, dtype=bool)


def attention_scores(query, key):
    return np.einsum("id,jd->ij", query, key) / math.sqrt(query.shape[-1])


def masked_softmax(scores, mask):
    out = np.zeros_like(scores)
    for i in range(scores.shape[0]):
        visible = scores[i][mask[i]]
        e = np.exp(visible - visible.max())
        out[i][mask[i]] = e / e.sum()
    return out


def split_heads(x, heads):
    return np.stack(np.split(x, heads, axis=1))


def merge_heads(x):
    return np.concatenate(list(x), axis=1)


def causal_attention(query, key, value, heads):
    m = causal_mask(query.shape[0])
    outs = []
    for q, k, v in zip(split_heads(query, heads), split_heads(key, heads), split_heads(value, heads)):
        outs.append(masked_softmax(attention_scores(q, k), m) @ v)
    return merge_heads(np.array(outs))
