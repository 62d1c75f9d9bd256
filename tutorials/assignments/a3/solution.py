"""Assignment a3: the reasoning loop with cache.

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
`minirearec assignment check a3`.
The helpers before Task 3.1 are given: an encoder of one block with one head.
"""

import math

import numpy as np


def normalise(x):
    """Apply layer norm to the last axis: mean 0, variance 1. Any shape [..., D]."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-12)


def project(weights, h):
    """Return queries, keys and values of normalised rows h [..., D]: three arrays [..., D].

    ``weights`` holds "query", "key", "value" and "output", each [D, D].
    """
    return h @ weights["query"].T, h @ weights["key"].T, h @ weights["value"].T


def attend(query, keys, values):
    """Apply one query [D] to keys and values [N, D]: ``softmax(K q / sqrt(D)) V``, a vector [D]."""
    scores = keys @ query / math.sqrt(len(query))
    powers = np.exp(scores - scores.max())
    return powers / powers.sum() @ values


def finish(weights, h, mixed):
    """Return the state of a row: ``normalise(h + W_output mixed)`` for h and mixed [D]."""
    return normalise(h + mixed @ weights["output"].T)


# Task 3.1: What goes in (2 points)
def reasoning_input(state, embeddings, k):
    """Return the input of step k: ``x_k = r_{k-1} + p_k``, with k = 1..K.

    Shapes: state r_{k-1} [D]; embeddings [K, D], whose rows are p_1 .. p_K; out [D].
    """
    ### BEGIN SOLUTION
    return state + embeddings[k - 1]
    ### END SOLUTION


# Task 3.2: The definition: everything from scratch (3 points)
def states_from_scratch(weights, embeddings, items):
    """Return the states r_0 .. r_K, computed without any cache.

    ``r_k`` is the state of the last row of ``[items; x_1; ..; x_k]``, where ``x_k = r_{k-1} + p_k``. To get the state
    of the last row z_N of rows z_1 .. z_N: ``h_n = normalise(z_n)``, query, key and value of h_n by ``project``,
    ``finish(h_N, attend(query_N, keys of all rows, values of all rows))``.

    Shapes: embeddings [K, D], items [T, D] (item and position embeddings already added), out [K+1, D].
    """
    ### BEGIN SOLUTION
    rows, states = items, []
    for k in range(len(embeddings) + 1):
        h = normalise(rows)
        query, keys, values = project(weights, h)
        states.append(finish(weights, h[-1], attend(query[-1], keys, values)))
        if k < len(embeddings):
            rows = np.vstack((rows, states[-1] + embeddings[k]))
    return np.stack(states)
    ### END SOLUTION


# Task 3.3: Read the history once (2 points)
def read_history(weights, items):
    """Return r_0, and what later steps need from the items: the cache.

    ``h_t = normalise(items_t)``; keys and values of all h_t; ``r_0 = finish(h_T, attend(query_T, keys, values))``.

    Shapes: items [T, D]. Returns (state [D], keys [T, D], values [T, D]).
    """
    ### BEGIN SOLUTION
    h = normalise(items)
    query, keys, values = project(weights, h)
    return finish(weights, h[-1], attend(query[-1], keys, values)), keys, values
    ### END SOLUTION


# Task 3.4: One step with the cache (3 points)
def reasoning_step(weights, x, keys, values):
    """Append one new row to everything that is cached.

    ``h = normalise(x)``; its key and value are appended to the cache; its query attends to the whole cache, itself
    included; ``r = finish(h, ..)``. Nothing else is projected.

    Shapes: x [D], the input of the step; keys and values [N, D], of the N rows before it (N may be 0).
    Returns (state [D], keys [N+1, D], values [N+1, D]): the given rows first, the step's own row last.
    """
    ### BEGIN SOLUTION
    h = normalise(x)
    query, key, value = project(weights, h)
    keys, values = np.vstack((keys, key)), np.vstack((values, value))
    return finish(weights, h, attend(query, keys, values)), keys, values
    ### END SOLUTION


# Task 3.5: The loop (3 points)
def reason(weights, embeddings, state, keys, values):
    """Take K reasoning steps: ``r_k = step(r_{k-1} + p_k | items and steps before k)``.

    Call your reasoning_input and reasoning_step.

    Shapes: embeddings [K, D], K may be 0; state r_0 [D] and the items' keys and values [T, D], as read_history
    returns them. Returns the states r_0 .. r_K [K+1, D].
    """
    ### BEGIN SOLUTION
    states = [state]
    for k in range(1, len(embeddings) + 1):
        x = reasoning_input(states[-1], embeddings, k)
        state, keys, values = reasoning_step(weights, x, keys, values)
        states.append(state)
    return np.stack(states)
    ### END SOLUTION


# Task 3.6: What the cache saves (2 points)
def rows_projected(T, K):
    """Count the rows projected in total to get r_0 .. r_K after T items: with the cache, and from scratch.

    Returns two integers (with_cache, from_scratch).
    """
    ### BEGIN SOLUTION
    return T + K, sum(T + k for k in range(K + 1))
    ### END SOLUTION
