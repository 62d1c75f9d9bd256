"""Item-to-item counts: a baseline without a neural network that is hard to beat. NumPy only.

``score(v | history) = sum_{g=1..10} 1/g * C[h_g, v] / sqrt(n[h_g])`` where h_g is the item g places before
the next one, n counts how often an item occurs in the training part, and
``C[a, v] = sum over training histories of 1/gap`` for every v that follows a within 10 places.
Source: item-to-item collaborative filtering (Linden et al. 2003), weighted by the distance in the sequence; the
square root reduces the weight of popular items.
"""

import numpy as np

from minirearec.data.splits import Split
from minirearec.evaluation.scorers import Row
from minirearec.parts import Start
from minirearec.weights import check_fit

WINDOW = 10


class CountScorer:
    """The counts as compressed rows: ``neighbours[starts[a]:starts[a+1]]`` are the items that follow item a."""

    answer = Row("counts", 0)
    rows = (answer,)
    max_length = WINDOW

    def __init__(self, starts: np.ndarray, neighbours: np.ndarray, strengths: np.ndarray):
        self.starts, self.neighbours, self.strengths = starts, neighbours, strengths

    @classmethod
    def fit(cls, split: Split) -> "CountScorer":
        """Count the training part. Takes one second on Beauty."""
        items, offsets, V = split.train_items.astype(np.int64), split.train_offsets, split.data.n_items
        user = np.repeat(np.arange(split.n_users), np.diff(offsets))
        pairs, weights = [], []
        for gap in range(1, min(WINDOW, len(items) - 1) + 1):
            same = user[gap:] == user[:-gap]
            pairs.append(items[:-gap][same] * V + items[gap:][same])
            weights.append(np.full(same.sum(), 1 / gap))
        pair, place = np.unique(np.concatenate(pairs), return_inverse=True)
        first, second = np.divmod(pair, V)
        often = np.bincount(items, minlength=V)
        strength = np.bincount(place, np.concatenate(weights), len(pair)) / np.sqrt(often[first])
        starts = np.concatenate([[0], np.cumsum(np.bincount(first, minlength=V))])
        return cls(starts, second, strength)

    @classmethod
    def of(cls, weights: dict[str, np.ndarray], n_items: int, where: str, fix: str) -> "CountScorer":
        """Make the scorer from the result of ``weights``. Raises RunError when names or shapes do not fit."""
        pairs = len(weights.get("neighbours", ()))
        begin = {"starts": Start((n_items + 1,)), "neighbours": Start((pairs,)), "strengths": Start((pairs,))}
        check_fit(weights, begin, where, fix)
        return cls(**weights)

    def states(self, items: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
        """Return the newest items of each history, newest first; see ``evaluation.scorers.Scorer``."""
        return [self.states_of_one(history[:length])[0] for history, length in zip(items, lengths, strict=True)]

    def states_of_one(self, history: np.ndarray) -> list[np.ndarray]:
        """Return the newest items of one history, newest first."""
        return [history[::-1][:WINDOW]]

    def scores(self, states: list[np.ndarray], row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the summed counts [B, V] of the items that follow these items."""
        scores = np.zeros((len(states), len(self.starts) - 1))
        for own, newest in zip(scores, states, strict=True):
            for gap, item in enumerate(newest, 1):
                near = slice(self.starts[item], self.starts[item + 1])
                own[self.neighbours[near]] += self.strengths[near] / gap
        return scores

    def weights(self) -> dict[str, np.ndarray]:
        """Return the arrays of the scorer, as saved."""
        return {"starts": self.starts, "neighbours": self.neighbours, "strengths": self.strengths}
