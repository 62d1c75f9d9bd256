"""Adam and averaged weights, as pure functions from weights to new weights."""

import math

import numpy as np

from minirearec.weights import combine


def start_moments(weights: dict) -> tuple[dict, dict]:
    """Return Adam's moments before its first step: zeros in the structure of the weights, twice."""
    return combine(np.zeros_like, weights), combine(np.zeros_like, weights)


def adam(weights: dict, gradients: dict, moments: tuple[dict, dict], step: int, learning_rate: float,
         weight_decay: float = 0.0, beta1: float = 0.9, beta2: float = 0.999,
         epsilon: float = 1e-8) -> tuple[dict, tuple[dict, dict]]:
    """Take one step of Adam with decoupled weight decay (AdamW), ``step`` counted from 1.

    ``m = b1 m + (1-b1) g`` and ``v = b2 v + (1-b2) g^2`` are running means of the gradient and of its square. They
    start at 0, which ``m^ = m / (1 - b1^step)`` and ``v^ = v / (1 - b2^step)`` correct. Then, for each weight,
    ``w = (1 - lr decay) w - lr m^ / (sqrt(v^) + epsilon)``.

    Returns the new weights and moments; the arguments do not change.
    Source: Kingma and Ba 2015, arXiv 1412.6980; Loshchilov and Hutter 2019, arXiv 1711.05101 (the decay).
    The arithmetic is that of ``torch.optim.AdamW``.
    """
    first = combine(lambda m, g: beta1 * m + (1 - beta1) * g, moments[0], gradients)
    second = combine(lambda v, g: beta2 * v + (1 - beta2) * g * g, moments[1], gradients)
    rate = learning_rate / (1 - beta1**step)
    spread = math.sqrt(1 - beta2**step)

    def moved(w, m, v):
        return (1 - learning_rate * weight_decay) * w - rate * m / (np.sqrt(v) / spread + epsilon)

    return combine(moved, weights, first, second), (first, second)


def average(averages: dict, weights: dict, decay: float) -> dict:
    """Return the running means ``a = a + (1 - d) (w - a)``, the same as ``d a + (1 - d) w``; see ``schedule.decay``.

    As ``torch.lerp``, up to rounding.
    """
    return combine(lambda a, w: a + (1 - decay) * (w - a), averages, weights)
