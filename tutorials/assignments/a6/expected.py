"""What must come out in assignment a6, and inputs drawn for it."""

import numpy as np

from minirearec.reference import attention as library
from minirearec_tutorials.grading.checks import numbers, slope


def arrays(seed, Q, T, d):
    """Draw grad_out and query [Q, d], key and value [T, d]."""
    return numbers(seed, Q, d), numbers(seed + 1, Q, d), numbers(seed + 2, T, d), numbers(seed + 3, T, d)


def weights_for(seed, Q, T):
    """Draw weights such as 0.25: rows of positive numbers that sum to 1."""
    counts = np.random.default_rng([seed, Q, T]).integers(1, 4, size=(Q, T))
    return counts / counts.sum(1, keepdims=True)


def some_mask(seed, Q, T):
    """Draw a mask that lets every query see at least one key."""
    random = np.random.default_rng([seed, Q, T])
    mask = random.random((Q, T)) < 0.6
    mask[np.arange(Q), random.integers(T, size=Q)] = True
    return mask


def causal(T):
    """Return the mask by which item i sees items j <= i."""
    return library.causal_mask(T)[0, 0]


def loss(grad_out, query, key, value, mask):
    """Return ``sum(grad_out * attention(query, key, value, mask))``, with the library's attention."""
    out = library.attention(query[None, None], key[None, None], value[None, None], mask[None, None])
    return (grad_out * out[0, 0]).sum()


def library_backward(grad_out, query, key, value, mask):
    """Return the library's gradients of query, key and value."""
    given = [array[None, None] for array in (grad_out, query, key, value, mask)]
    return tuple(gradient[0, 0] for gradient in library.attention_backward(*given)[:3])  # without that of a bias


def slope_of_loss(name, grad_out, query, key, value, mask, step=1e-5):
    """Return the gradient of ``loss`` with respect to one of its arrays, by central differences."""
    given = {"query": query, "key": key, "value": value}
    return slope(lambda moved: loss(grad_out, **{**given, name: moved}, mask=mask), given[name], step)
