"""Assignment a2: causal attention.

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
`minirearec assignment check a2`.
"""

import math

import numpy as np


# Task 2.1: Which positions may be seen (2 points)
def causal_mask(T):
    """Return which position may see which: ``mask[i, j] = (j <= i)``.

    Row i is the position that looks, column j the one that is looked at.

    Shapes: out [T, T] booleans.
    """
    ### BEGIN SOLUTION
    position = np.arange(T)
    return position[None, :] <= position[:, None]
    ### END SOLUTION


# Task 2.2: How well two positions fit (2 points)
def attention_scores(query, key):
    """Return ``score[i, j] = (query_i . key_j) / sqrt(d)``.

    Shapes: query [Q, d], key [T, d], out [Q, T]. Q and T may differ.
    """
    ### BEGIN SOLUTION
    return query @ key.T / math.sqrt(query.shape[1])
    ### END SOLUTION


# Task 2.3: A softmax that looks only where it may (4 points)
def masked_softmax(scores, mask):
    """Return ``weight[i, j] = exp(score[i, j]) / (sum over visible t of exp(score[i, t]))``, and 0 if not mask[i, j].

    Every row sums to 1. Scores of any size give numbers, never NaN or inf, and what is hidden has no influence.

    Shapes: scores [Q, T]; mask [Q, T] booleans with at least one True in each row; out [Q, T].
    """
    ### BEGIN SOLUTION
    visible = np.where(mask, scores, -np.inf)
    powers = np.exp(visible - visible.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION


# Task 2.4: Cut the width into heads (2 points)
def split_heads(x, heads):
    """Give head h the columns h*d .. (h+1)*d - 1 of every position: ``out[h, t, c] = x[t, h*d + c]``, d = D/H.

    Shapes: x [T, D], heads a number H that divides D, out [H, T, D/H].
    """
    ### BEGIN SOLUTION
    T, D = x.shape
    return x.reshape(T, heads, D // heads).swapaxes(0, 1)
    ### END SOLUTION


# Task 2.5: Join the heads again (2 points)
def merge_heads(x):
    """Undo split_heads: ``out[t, h*d + c] = x[h, t, c]``.

    Shapes: x [H, T, d], out [T, H*d].
    """
    ### BEGIN SOLUTION
    H, T, d = x.shape
    return x.swapaxes(0, 1).reshape(T, H * d)
    ### END SOLUTION


# Task 2.6: All together (3 points)
def causal_attention(query, key, value, heads):
    """Compute causal attention with H heads: ``weights @ value`` for each head, then join the heads.

    In head h, position i takes the mean of the value rows 0..i with the weights
    ``masked_softmax(query_h key_h^T / sqrt(d), causal mask)``, where d = D/H is the width of a head.

    Shapes: query, key and value [T, D], out [T, D]. Call your functions from Tasks 2.1 to 2.5.
    """
    ### BEGIN SOLUTION
    mask = causal_mask(len(query))
    parts = [split_heads(x, heads) for x in (query, key, value)]
    mixed = [masked_softmax(attention_scores(q, k), mask) @ v for q, k, v in zip(*parts, strict=True)]
    return merge_heads(np.stack(mixed))
    ### END SOLUTION
