"""The objective of a method as a backend computes it: what a loss reads and returns, and how the method answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Positions:
    """What a loss reads: the P training positions of a batch. Tensors in PyTorch, arrays in NumPy."""

    states: Any  # [P, K+1, D]: r_0..r_K
    table: Any  # [V, D]: the vectors of the items that the loss contrasts: all, those seen in training, or a batch's
    targets: Any  # [P]: the item that follows, as a row of the table
    noised: Any = None  # [P, K, D]: the states of noised reasoning inputs, for methods that contrast them
    groups: Any = None  # [P]: the history each position belongs to
    weights: dict = field(default_factory=dict)  # all weights of the model, the method's own included
    negatives: Any = None  # ``sampling.Negatives``: what a sampled loss contrasts with; None: the whole table
    soft: Any = None  # ``targets.SoftTargets``: a distribution for each position; None: all of it on the target


@dataclass(frozen=True, eq=False)
class Gradients:
    """What a NumPy loss returns in addition to its value: the gradient of each of its inputs."""

    states: Any  # [P, K+1, D]
    table: Any  # [V, D]
    noised: Any = None  # [P, K, D]
    weights: dict = field(default_factory=dict)  # of the method's own weights


def last_state(states, weights):
    """Return r_K, the answer of most methods: states [..., K+1, D] -> [..., D]."""
    return states[..., -1, :]


@dataclass(frozen=True)
class Objective:
    """How one backend computes a method.

    ``loss(positions, settings)`` takes Positions and an ObjectiveConfig. It returns a scalar tensor in PyTorch, and the
    pair (value, Gradients) in NumPy. ``answer(states, weights)`` turns r_0..r_K into one state,
    [..., K+1, D] -> [..., D], whose dot products with all items are the scores of the method's answer.

    An answer that is not a state, such as a mixture of distributions, has ``scores(states, table, weights, settings)``
    in its place: [B, K+1, D], [V, D] -> [B, V].
    """

    loss: Callable
    answer: Callable = last_state
    scores: Callable | None = None
