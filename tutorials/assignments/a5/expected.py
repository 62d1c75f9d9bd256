"""What must come out in assignment a5, and inputs drawn for it."""

import math

import numpy as np

from minirearec_tutorials.grading.checks import numbers


def targets_for(seed, P, V):
    """Draw P items of a catalogue of V."""
    return np.random.default_rng(seed).integers(V, size=P)


def groups_for(seed, P):
    """Draw P group numbers from 0 to 2, so that some are equal."""
    return np.random.default_rng(seed).integers(3, size=P)


def pairs(groups):
    """Return which q take part in the sum of p."""
    return np.array([[p == q or first != second for q, second in enumerate(groups)]
                     for p, first in enumerate(groups)])


def reason_slowly(start, positions, noise, weight):
    """Follow the equation for one position at a time, one coordinate at a time."""
    P, K, D = noise.shape

    def encode(x):
        return [math.tanh(math.fsum(weight[d, e] * x[e] for e in range(D))) for d in range(D)]

    states, noised = np.zeros((P, K + 1, D)), np.zeros((P, K, D))
    states[:, 0] = start
    for p in range(P):
        for k in range(1, K + 1):
            states[p, k] = encode(states[p, k - 1] + positions[k - 1])
            noised[p, k - 1] = encode(states[p, k - 1] + positions[k - 1] + noise[p, k - 1])
    return states, noised


def thoughts(seed, P, K, D):
    """Draw start, positions, noise and weight."""
    return numbers(seed, P, D), numbers(seed + 1, K, D), numbers(seed + 2, P, K, D), numbers(seed + 3, D, D)
