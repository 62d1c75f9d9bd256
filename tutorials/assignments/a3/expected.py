"""What must come out in assignment a3, computed without any cache."""

import numpy as np

from minirearec.reference.ops import softmax
from minirearec_tutorials.grading.checks import numbers


def model(seed, D=3):
    """Draw random weights: four matrices [D, D]."""
    return dict(zip(("query", "key", "value", "output"), numbers(seed, 4, D, D), strict=True))


def normal(x):
    """Return the layer norm of a vector."""
    return (x - np.mean(x)) / np.sqrt(np.var(x) + 1e-12)


def last_row(weights, rows):
    """Return the state of the last row, which sees all rows; each row's key and value are computed again."""
    h = [normal(row) for row in rows]
    query = weights["query"] @ h[-1]
    scores = np.array([query @ (weights["key"] @ row) for row in h]) / np.sqrt(len(query))
    mixed = sum(part * (weights["value"] @ row) for part, row in zip(softmax(scores), h, strict=True))
    return normal(h[-1] + weights["output"] @ mixed)


def from_scratch(weights, embeddings, items):
    """Return the states r_0 .. r_K: every pass sees the items and the inputs of the steps so far."""
    rows = list(items)
    states = [last_row(weights, rows)]
    for embedding in embeddings:
        rows.append(states[-1] + embedding)
        states.append(last_row(weights, rows))
    return np.array(states)


def read(weights, items):
    """Return r_0, keys and values of a history."""
    h = [normal(row) for row in items]
    return last_row(weights, items), *(np.array([weights[name] @ row for row in h]) for name in ("key", "value"))


def step(weights, x, keys, values):
    """Return the state of a step over cached rows, and the cache that has grown by one row."""
    h = normal(x)
    keys, values = (np.vstack((old, weights[name] @ h)) for old, name in ((keys, "key"), (values, "value")))
    mixed = softmax(keys @ (weights["query"] @ h) / np.sqrt(len(x))) @ values
    return normal(h + weights["output"] @ mixed), keys, values


def full(weights, embeddings, items):
    """Return weights that make the library's encoder this one: norms without effect, a feed-forward layer of zeros.

    The library's last norm then acts on rows that are normalised already, which changes nothing.
    """
    T, D = items.shape
    norm = {"weight": np.ones(D), "bias": np.zeros(D)}
    block = {name: {"weight": matrix, "bias": np.zeros(D)} for name, matrix in weights.items()}
    nothing = {"weight": np.zeros((D, D)), "bias": np.zeros(D)}
    return {"item_embedding": items, "position_embedding": np.zeros((T, D)), "reasoning_embedding": embeddings,
            "input_norm": norm,
            "blocks": [block | {"attention_norm": norm, "inner_norm": norm, "inner": nothing, "outer": nothing}]}
