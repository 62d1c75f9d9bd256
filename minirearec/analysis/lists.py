"""What the lists of each step hold: how much of the catalogue, how popular, how surprising."""

from dataclasses import dataclass

import numpy as np

from minirearec.evaluation.scorers import Row

LENGTH = 10


@dataclass(frozen=True)
class Lists:
    """The lists of one row over all targets.

    ``coverage``: share of the catalogue that is in any list. ``popularity``: how often training saw a listed item, on
    average. ``novelty``: the mean of ``-log2((n + 1) / (N + V))`` over listed items, in bits, where n counts the item
    among the N that train and V is the size of the catalogue.
    """

    coverage: float
    popularity: float
    novelty: float


class ListCounter:
    """Counts the top 10 of every row while ``evaluate`` ranks: give it ``watch``."""

    def __init__(self, popularity: np.ndarray):
        self.popularity = popularity
        self.listed: dict[str, np.ndarray] = {}  # how often each item is listed, by row

    def watch(self, row: Row, scores: np.ndarray, seen: tuple[np.ndarray, np.ndarray]) -> None:
        """Count the best items of a batch of scores [B, V] without the seen ones. The scores change."""
        scores[seen] = -np.inf
        kept = min(LENGTH, scores.shape[1])
        best = np.argpartition(scores, -kept, axis=1)[:, -kept:]
        best = best[np.take_along_axis(scores, best, 1) > -np.inf]
        counts = np.bincount(best, minlength=scores.shape[1])
        self.listed[row.name] = self.listed.get(row.name, 0) + counts

    def found(self) -> dict[str, Lists]:
        """Return what the lists of each row hold."""
        novelty = -np.log2((self.popularity + 1) / (self.popularity.sum() + len(self.popularity)))
        return {row: Lists(float((often > 0).mean()), float(np.average(self.popularity, weights=often)),
                           float(np.average(novelty, weights=often))) for row, often in self.listed.items()}
