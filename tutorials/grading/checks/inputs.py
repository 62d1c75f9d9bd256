"""Inputs for properties, and what a property computes from them."""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st


def sizes(low: int = 1, high: int = 5) -> st.SearchStrategy[int]:
    """Draw the length of an axis; it shrinks towards ``low``."""
    return st.integers(low, high)


def seeds() -> st.SearchStrategy[int]:
    """Draw a seed for ``numbers``; it shrinks towards 0."""
    return st.integers(0, 999)


def numbers(seed: int, *shape: int, scale: float = 1.0) -> np.ndarray:
    """Return normal random numbers rounded to two places, which are easier to read: float64 [shape]."""
    return np.round(np.random.default_rng([seed, *shape]).normal(size=shape) * scale, 2)


def slope(of: Callable, x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Return ``d of(x) / dx`` by central differences, in the shape of x."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[place] = step
        gradient[place] = (of(x + nudge) - of(x - nudge)) / (2 * step)
    return gradient
