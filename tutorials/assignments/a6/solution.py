"""Assignment a6: the backward of attention (advanced).

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
``minirearec assignment check a6``.
Axes: Q queries, T keys (items), d width of a head. One history and one head, so every array has two axes.
``grad_x`` is the gradient of the loss L with respect to x, and has the shape of x.
"""

import math

import numpy as np

# Given: the forward pass. Use these two as they are.

def attention_weights(query, key, mask):
    """Return ``A = softmax(q k^T / sqrt(d))`` over the keys that the mask allows; the others have weight 0.

    Shapes: query [Q, d], key [T, d], mask [Q, T] booleans with a True in each row, out [Q, T].
    """
    scores = np.where(mask, query @ key.T / math.sqrt(query.shape[1]), -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def attention(query, key, value, mask):
    """Return ``A v``. Shapes: query [Q, d], key and value [T, d], mask [Q, T] booleans, out [Q, d]."""
    return attention_weights(query, key, mask) @ value


# Task 6.1: A gradient without calculus (3 points)
def numerical_gradient(name, grad_out, query, key, value, mask, step):
    """Return the gradient of ``L = sum(grad_out * attention(query, key, value, mask))`` by central differences.

    ``dL/dx ~ (L(x + h) - L(x - h)) / (2 h)`` for every entry x of one of the three arrays, all others unchanged.

    Shapes: name is "query", "key" or "value" and says which array; grad_out [Q, d], query [Q, d], key and value
    [T, d], mask [Q, T] booleans, step: the number h, out: the shape of the array that was named.
    """
    ### BEGIN SOLUTION
    arrays = {"query": query, "key": key, "value": value}
    gradient = np.zeros(arrays[name].shape)
    for place in np.ndindex(gradient.shape):
        losses = []
        for change in (step, -step):
            moved = arrays[name].copy()
            moved[place] += change
            losses.append((grad_out * attention(**{**arrays, name: moved}, mask=mask)).sum())
        gradient[place] = (losses[0] - losses[1]) / (2 * step)
    return gradient
    ### END SOLUTION


# Task 6.2: Back through the softmax (3 points)
def softmax_backward(grad_weights, weights):
    """Turn the gradient of the weights ``A = softmax(S)``, row by row, into that of the scores S.

    ``dA_i/dS_j = A_i (1[i=j] - A_j)`` within a row, and 0 between rows.

    Shapes: grad_weights and weights [Q, T] (weights is A, not S), out [Q, T].
    """
    ### BEGIN SOLUTION
    return weights * (grad_weights - (grad_weights * weights).sum(axis=1, keepdims=True))
    ### END SOLUTION


# Task 6.3: Back to the values (2 points)
def value_backward(grad_out, weights):
    """Turn the gradient of ``out = A v`` into that of v.

    Shapes: grad_out [Q, d], weights [Q, T], out [T, d].
    """
    ### BEGIN SOLUTION
    return weights.T @ grad_out
    ### END SOLUTION


# Task 6.4: Back to the weights (1 point)
def weights_backward(grad_out, value):
    """Turn the gradient of ``out = A v`` into that of A.

    Shapes: grad_out [Q, d], value [T, d], out [Q, T].
    """
    ### BEGIN SOLUTION
    return grad_out @ value.T
    ### END SOLUTION


# Task 6.5: Back to queries and keys (3 points)
def scores_backward(grad_scores, query, key):
    """Turn the gradient of ``S = q k^T / sqrt(d)`` into those of q and k.

    Shapes: grad_scores [Q, T], query [Q, d], key [T, d]. Returns two arrays: grad_query [Q, d] and grad_key [T, d].
    """
    ### BEGIN SOLUTION
    grad_scores = grad_scores / math.sqrt(query.shape[1])
    return grad_scores @ key, grad_scores.T @ query
    ### END SOLUTION


# Task 6.6: The whole way back (3 points)
def attention_backward(grad_out, query, key, value, mask):
    """Turn the gradient of ``attention(query, key, value, mask)`` into those of query, key and value.

    Shapes: grad_out and query [Q, d], key and value [T, d], mask [Q, T] booleans with a True in each row.
    Returns three arrays in this order: grad_query [Q, d], grad_key [T, d], grad_value [T, d].
    """
    ### BEGIN SOLUTION
    weights = attention_weights(query, key, mask)
    grad_value = value_backward(grad_out, weights)
    grad_weights = weights_backward(grad_out, value)
    grad_scores = softmax_backward(grad_weights, weights)
    grad_query, grad_key = scores_backward(grad_scores, query, key)
    return grad_query, grad_key, grad_value
    ### END SOLUTION
