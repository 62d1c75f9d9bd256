"""Item-to-item counts: the baseline without a neural network that is hard to beat. NumPy only.

``score(v | history) = sum_{g=1..10} 1/g * C[h_g, v] / sqrt(n[h_g])`` where h_g is the item g places before
the next one, n counts how often an item occurs in the training part, and
``C[a, v] = sum over training histories of 1/gap`` for every v that follows a within 10 places.
Source: item-to-item collaborative filtering (Linden et al. 2003) with the distances of a sequence; the square
root damps popular items.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from minirearec.data.splits import Split

WINDOW = 10


class CountScorer:
    """The fitted counts as compressed rows: ``neighbours[starts[a]:starts[a+1]]`` follow item a."""

    rows = steps = ("counts",)
    answer = "counts"
    max_length = WINDOW

    def __init__(self, starts: np.ndarray, neighbours: np.ndarray, strengths: np.ndarray):
        self.starts, self.neighbours, self.strengths = starts, neighbours, strengths

    @classmethod
    def fit(cls, split: Split) -> "CountScorer":
        """Count the training part. A second on Beauty."""
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

    def score(self, items: np.ndarray, lengths: np.ndarray, rows: Sequence[str]) -> Iterator:
        """Yield ("counts", scores [B, V]); see ``evaluation.Scorer``."""
        scores = np.zeros((len(items), len(self.starts) - 1))
        for row, (history, length) in enumerate(zip(items, lengths)):
            for gap, item in enumerate(history[:length][::-1][:WINDOW], 1):
                near = slice(self.starts[item], self.starts[item + 1])
                scores[row, self.neighbours[near]] += self.strengths[near] / gap
        yield "counts", scores

    def weights(self) -> dict[str, np.ndarray]:
        """The arrays that make the scorer, as saved."""
        return {"starts": self.starts, "neighbours": self.neighbours, "strengths": self.strengths}
