"""What recommended lists hold: how much of the catalogue, how popular, how surprising."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minirearec.evaluation.ranking import top_items
from minirearec.evaluation.scorers import Row

LENGTH = 10


@dataclass(frozen=True)
class Lists:
    """The lists of one row over all targets.

    ``coverage``: share of the catalogue that is in any list. ``popularity``: how often training saw a listed item, on
    average. ``bias``: that popularity over the popularity of the targets; 1 is as popular as what users choose, None
    where training saw no target. ``novelty``: the mean of ``-log2((n + 1) / (N + V))`` over listed items, in bits,
    where n counts the item among the N that train and V is the size of the catalogue.
    """

    coverage: float
    popularity: float
    bias: float | None
    novelty: float


def top(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the k best items [B, k] of each row of scores [B, V] in the order of their index; of equals the first."""
    return np.sort([top_items(row, k) for row in scores], 1)


class ListCounter:
    """Counts the top k of every row while ``evaluate`` ranks: give it ``watch``."""

    def __init__(self, popularity: np.ndarray, targets: np.ndarray, lengths: Sequence[int] = (LENGTH,),
                 kept: bool = False):
        """``popularity`` [V]: how often each item trains; ``lengths``: the k; ``kept``: also count with seen items."""
        self.popularity, self.target_popularity = popularity, float(popularity[targets].mean())
        self.lengths, self.kept = lengths, kept
        self.listed: dict[tuple[str, str, int], np.ndarray] = {}  # how often each item is listed, by seen, row and k

    def watch(self, row: Row, scores: np.ndarray, seen: tuple[np.ndarray, np.ndarray]) -> None:
        """Count the best items of a batch of scores [B, V], with and without the seen ones. The scores change."""
        if self.kept:
            self._count("kept", row, scores)
        scores[seen] = -np.inf
        self._count("excluded", row, scores)

    def _count(self, seen: str, row: Row, scores: np.ndarray) -> None:
        longest = min(max(self.lengths), scores.shape[1])
        best = top(scores, longest)
        values = np.take_along_axis(scores, best, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        best, free = np.take_along_axis(best, order, 1), np.take_along_axis(values, order, 1) > -np.inf
        for k in self.lengths:
            counts = np.bincount(best[:, :k][free[:, :k]], minlength=scores.shape[1])
            self.listed[seen, row.name, k] = self.listed.get((seen, row.name, k), 0) + counts

    def found(self, seen: str = "excluded", k: int = LENGTH) -> dict[str, Lists]:
        """Return what the top k of each row hold."""
        return {row: self._lists(often) for (own, row, length), often in self.listed.items() if (own, length) ==
                (seen, k)}

    def _lists(self, often: np.ndarray) -> Lists:
        novelty = -np.log2((self.popularity + 1) / (self.popularity.sum() + len(self.popularity)))
        listed = max(1, often.sum())  # no list has an item where every user has seen the whole catalogue
        popularity = float((self.popularity * often).sum() / listed)
        return Lists(float((often > 0).mean()), popularity,
                     popularity / self.target_popularity if self.target_popularity else None,
                     float((novelty * often).sum() / listed))
