"""markov: a synthetic set whose best possible metrics are known, to compare a model with.

Items lie on levels in a circle. An item of one level is followed by one of its few successors on the next level, with
known probabilities, and nothing before the last item matters. Histories are shorter than the circle, so that no item
occurs twice in one: whether seen items are excluded makes no difference to the best ranking.
"""

from dataclasses import dataclass

import numpy as np

from minirearec.data.sequences import SequenceData, array_sha256
from minirearec.data.splits import Split

LEVELS, WIDTH, SUCCESSORS = 25, 20, 6
SHORTEST, LONGEST = 6, 20  # items in a history; fewer than LEVELS
DECAY = 0.6  # weight of each successor relative to the one before


@dataclass(frozen=True, eq=False)
class Chain:
    """``probability[i, j]`` that item ``successor[i, j]`` follows item i: both [V, successors], likeliest first."""

    successor: np.ndarray
    probability: np.ndarray

    @property
    def n_items(self) -> int:
        return len(self.successor)

    def matrix(self) -> np.ndarray:
        """Return the transition matrix float64 [V, V], rows summing to 1."""
        dense = np.zeros((self.n_items, self.n_items))
        np.put_along_axis(dense, self.successor, self.probability, axis=1)
        return dense


def markov_chain(seed: int = 0) -> Chain:
    """Return the chain that ``markov`` of the same seed follows.

    An item's successors are drawn at random from the next level; their probabilities fall by ``DECAY``, times noise.
    """
    rng = np.random.default_rng([seed, 0])
    place = np.argsort(rng.random((LEVELS * WIDTH, WIDTH)), axis=1)[:, :SUCCESSORS]
    level = np.repeat(np.arange(LEVELS), WIDTH)
    weight = DECAY ** np.arange(SUCCESSORS) * rng.uniform(0.8, 1.2, (LEVELS * WIDTH, SUCCESSORS))
    order = np.argsort(-weight, axis=1)
    weight = np.take_along_axis(weight, order, axis=1)
    return Chain((level[:, None] + 1) % LEVELS * WIDTH + place, weight / weight.sum(axis=1, keepdims=True))


def markov(seed: int = 0, users: int = 6000) -> SequenceData:
    """Generate walks on ``markov_chain(seed)`` from random items; lengths are spread evenly from 6 to 20."""
    chain, rng = markov_chain(seed), np.random.default_rng([seed, 1])
    lengths = rng.permutation(SHORTEST + np.arange(users) % (LONGEST - SHORTEST + 1))
    walk = np.empty((users, LONGEST), dtype=np.int32)
    walk[:, 0] = rng.permutation(np.arange(users) % chain.n_items)
    cumulative = np.cumsum(chain.probability, axis=1)
    for step in range(1, LONGEST):
        before = walk[:, step - 1]
        choice = (rng.random(users)[:, None] > cumulative[before]).sum(axis=1)
        walk[:, step] = chain.successor[before, np.minimum(choice, SUCCESSORS - 1)]
    items = walk[np.arange(LONGEST) < lengths[:, None]]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return SequenceData("markov", items, offsets, np.arange(1, users + 1), np.arange(1, chain.n_items + 1),
                        array_sha256(items, offsets), True, f"synthetic, generated from seed {seed}")


def best_metrics(split: Split, chain: Chain, part: str = "test", cutoffs=(5, 10, 20)) -> dict[str, float]:
    """Return the expectation of every metric under the best possible ranking, which knows the chain.

    ``E[metric@k] = mean over rows of sum_{r=1..k} p_r gain(r)``, with p_r the r-th largest probability after the last
    item of the row and gain 1 (Recall), 1/log2(r + 1) (NDCG), 1/r (MRR). Figures on a finite test part scatter
    around it; a model exceeds it only by luck.
    """
    rows = split.rows(part)
    last = split.data.items[split.data.offsets[rows.user] + rows.length - 1]
    probability = chain.probability[last]  # [R, successors], descending
    rank = np.arange(1, SUCCESSORS + 1)
    gains = {"Recall": np.ones(SUCCESSORS), "NDCG": 1 / np.log2(rank + 1), "MRR": 1 / rank}
    return {f"{name}@{k}": float((probability * gain)[:, :k].sum(axis=1).mean())
            for name, gain in gains.items() for k in cutoffs}
