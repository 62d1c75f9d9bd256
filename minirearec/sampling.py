"""Draw the negatives of a sampled loss: a few items that stand for the whole catalogue, new ones for every step.

And draw how many reasoning steps a batch takes, for ``random_steps``.

All positions of a batch share them, so the loss costs as much as the items it reads, whatever the size of the
catalogue; only AdamW's pass over the table grows with it. We draw with replacement, by popularity or uniformly.
``sampled`` in each backend has the losses and their bias.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from minirearec.config import Config, ObjectiveConfig
from minirearec.methods import METHODS
from minirearec.parts import REASONERS


@dataclass(frozen=True, eq=False)
class Negatives:
    """The N items that a sampled loss contrasts each target with. NumPy arrays in both backends."""

    items: np.ndarray  # [N] item indices; an item drawn twice is there twice
    log_counts: np.ndarray  # float64 [N]: log(N q), where a draw is this item with probability q
    beta: float | None = None  # gBCE's power of the target's probability; None: a softmax


class Seen(NamedTuple):
    """The items that occur in training, which are all that a loss with ``contrast="seen"`` contrasts."""

    items: np.ndarray  # int64 [S], in order
    places: np.ndarray  # int64 [V]: the place of an item among them; no target has any other item


def find_seen(config: Config, popularity: np.ndarray | None) -> Seen | None:
    """Return the items that the full loss contrasts; None when these are all items, and for a sampled loss."""
    objective = config.objective
    if popularity is None or popularity.all() or objective.contrast == "all" or objective.loss != "full":
        return None
    return Seen(np.flatnonzero(popularity), np.cumsum(popularity > 0) - 1)


def make_sampler(config: Config, n_items: int, popularity: np.ndarray | None) -> "Sampler | None":
    """Return what draws the negatives of a training, or None for the full loss.

    ``popularity`` [V] counts each item in the training part; without it, all items are equally popular.
    """
    if config.objective.loss == "full":
        return None
    counts = np.ones(n_items) if popularity is None else popularity
    return Sampler(config.objective, counts, config.training.seed)


class Sampler:
    """The negatives of every step of a training. They follow from the seed and the number of the step alone."""

    def __init__(self, objective: ObjectiveConfig, popularity: np.ndarray, seed: int):
        """Prepare to draw for a loss other than ``full``; ``popularity``: see ``make_sampler``."""
        able = (popularity > 0) | (objective.contrast == "all")  # the items that can be drawn
        V = int(able.sum())
        self.seed, self.N, self.beta = seed, min(objective.negatives, V), None
        weight = np.ones(len(popularity))
        if objective.loss == "gbce":
            self.beta = gbce_power(self.N, V, objective.gbce_t)
        elif objective.negatives_by == "popularity":
            weight += popularity  # + 1: every item can be drawn
        weight *= able
        self.chances, self.all = weight / weight.sum(), np.flatnonzero(able)
        self.summed = np.cumsum(self.chances)

    def draw(self, step: int) -> Negatives:
        """Return the negatives of a step; all items, once, if there are no more items than negatives."""
        if len(self.all) == self.N:
            return Negatives(self.all, np.zeros(self.N), self.beta)
        rng = np.random.default_rng([self.seed, step, 1])  # 1: apart from the seeds of epochs
        items = np.searchsorted(self.summed, self.summed[-1] * rng.random(self.N), side="right")
        return Negatives(items, np.log(self.N * self.chances[items]), self.beta)


def gbce_power(N: int, V: int, t: float) -> float:
    """Return gBCE's beta: ``alpha (t (1 - 1/alpha) + 1/alpha)`` with the sampling rate ``alpha = N / (V - 1)``.

    It runs from 1 at t = 0, plain binary cross-entropy, to alpha at t = 1, which makes up for the sampling in full.
    Source: Petrov and Macdonald 2023, "gSASRec", arXiv 2308.07192.
    """
    alpha = min(1.0, N / max(1, V - 1))
    return alpha * (t * (1 - 1 / alpha) + 1 / alpha)


def draw_reasoning_steps(config: Config, step: int) -> int:
    """Return how many reasoning steps the batch of this training step takes: K, or a random number from 1.

    It is ``1 + Poisson(rate)``, where the rate is log-normal with the mean K - 1 and sigma .5; at most 3 K, or K where
    the steps have embeddings p_k or the method has weights for each. So a model learns states that are good wherever it
    stops. It follows from the seed and the number of the training step alone.
    Source: LARES, arXiv 2505.16865; Geiping et al. 2025, arXiv 2502.05171.
    """
    K, method = config.model.steps, METHODS[config.objective.method]
    if not config.training.random_steps or not K:
        return K
    rng = np.random.default_rng([config.training.seed, step, 2])  # 2: apart from the seeds of negatives
    rate = (K - 1) * rng.lognormal(-0.125, 0.5)
    marked = method.reasoning_positions and REASONERS[config.model.reasoner].positions
    return min(1 + int(rng.poisson(rate)), K if marked or method.weights(config.model) else 3 * K)
