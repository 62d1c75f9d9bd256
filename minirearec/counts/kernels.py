"""Weights that fall with the distance: of a pair of items, and of the items of a history."""

import numpy as np

from minirearec.count_models import COUNTS, CountsConfig


def kernel(name: str, decay: float, length: int) -> np.ndarray:
    """Return the weights of the distances d = 1..length.

    power: ``d^-decay``; exponential: ``decay^(d-1)``; logarithmic: ``1 / log10(d + 1.7)``.
    """
    distance = np.arange(1.0, length + 1)
    if name == "power":
        return 1 / distance**decay
    return decay**(distance - 1) if name == "exponential" else 1 / np.log10(distance + 1.7)


def history_weights(settings: CountsConfig, length: int) -> np.ndarray:
    """Return the weights of the items of a history, newest first.

    For a logarithmic model they sum to 1. If it has a ``head``, the newest ``head`` items share ``head_share`` of the
    sum by the kernel, and older items share the rest evenly.
    """
    weights = kernel(settings.history_kernel, settings.history_decay, length)
    if not COUNTS[settings.counts].logarithmic:
        return weights
    newest, older = weights[:settings.head], weights[settings.head:]  # views
    if settings.head and len(older):
        newest *= settings.head_share / newest.sum()
        older[:] = (1 - settings.head_share) / len(older)
    return weights / weights.sum()
