"""Weighted counts of the items that follow an item: the one table that all count models are made of."""

from dataclasses import dataclass, replace

import numpy as np

from minirearec.data.splits import Split


@dataclass(frozen=True, eq=False)
class Pairs:
    """``C[a, v] = sum_d g_d N[d, a, v]`` for all pairs that occur, sorted by a, then by v.

    N counts how often v came d places after a in a training history, d = 1..W.
    """

    first: np.ndarray  # int64 [pairs]: a
    second: np.ndarray  # int64 [pairs]: v
    count: np.ndarray  # float64 [pairs]: C[a, v]
    often: np.ndarray  # int64 [V]: how often an item occurs in training
    users: int  # with training items

    @property
    def starts(self) -> np.ndarray:
        """Return where each item's pairs begin, int64 [V + 1]."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.first, minlength=len(self.often)))])

    def strongest(self, most: int) -> "Pairs":
        """Return at most this many pairs of each a, those with the highest counts; of equal ones, the lowest v."""
        order = np.lexsort((self.second, -self.count, self.first))
        place = np.arange(len(order)) - self.starts[self.first]  # among the pairs of a, strongest first
        kept = np.sort(order[place < most])
        return replace(self, first=self.first[kept], second=self.second[kept], count=self.count[kept])


def count_pairs(split: Split, weights: np.ndarray) -> Pairs:
    """Count the training part with weights g_1..g_W."""
    items, lengths, V = split.train_items.astype(np.int64), np.diff(split.train_offsets), split.data.n_items
    user = np.repeat(np.arange(len(lengths)), lengths)
    pairs, values = [], []
    for gap, weight in enumerate(weights[:len(items) - 1], 1):
        same = user[gap:] == user[:-gap]
        pairs.append(items[:-gap][same] * V + items[gap:][same])
        values.append(np.full(same.sum(), weight))
    pair, place = np.unique(np.concatenate(pairs), return_inverse=True)
    first, second = np.divmod(pair, V)
    return Pairs(first, second, np.bincount(place, np.concatenate(values), len(pair)),
                 np.bincount(items, minlength=V), int((lengths > 0).sum()))
