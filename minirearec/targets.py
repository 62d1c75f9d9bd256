"""What trains a position besides its own target: a distribution over other items, and positions with the same target.

NumPy arrays in both backends. How losses use them is in ``soft`` and ``objectives/same_target`` of each backend.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from minirearec.config import ObjectiveConfig
from minirearec.sampling import Seen

if TYPE_CHECKING:
    from minirearec.data.batching import Batch


@dataclass(frozen=True, eq=False)
class SoftTargets:
    """The target distributions of P positions.

    ``q_p = (1 - sum_s a_ps - e) onehot(t_p) + sum_s a_ps onehot(i_ps) + e / V``: the target t_p keeps what it does not
    give away. An item may occur several times in a row.
    """

    items: np.ndarray  # [P, S] item indices i
    shares: np.ndarray  # [P, S]: a
    even: float = 0.0  # e: what all items of the catalogue share evenly (label smoothing)

    def weakened(self, factor: float) -> SoftTargets:
        """Return the distribution that gives items only this fraction of their shares; the rest stays with targets."""
        return replace(self, shares=factor * self.shares)

    def take(self, rows: slice) -> SoftTargets:
        """Return those of some positions."""
        return replace(self, items=self.items[rows], shares=self.shares[rows])


def distribution(targets: np.ndarray, V: int, soft: SoftTargets | None = None) -> np.ndarray:
    """Return the target distributions q of P positions, written out: [P, V]. Without ``soft``, targets have all."""
    q, row = np.zeros((len(targets), V)), np.arange(len(targets))
    q[row, targets] = 1
    if soft is not None:
        q[row, targets] -= soft.shares.sum(1) + soft.even
        np.add.at(q, (row[:, None], soft.items), soft.shares)
        q += soft.even / V
    return q


class Followers(NamedTuple):
    """What followed each item in training; see ``counts.followers``."""

    items: np.ndarray  # int64 [V, M]: the strongest followers of every item
    chances: np.ndarray  # float32 [V, M]: their probabilities; the row of an item without followers is 0
    weights: np.ndarray  # float32 [n]: of the n newest items of a history, newest first

    def placed(self, seen: Seen | None) -> Followers:
        """Return the followers by their places among the items that a loss contrasts, when these are not all."""
        return self if seen is None else self._replace(items=seen.places[self.items])

    def after(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Return the items that may come next at the P counted positions of a batch, and their probabilities.

        ``p(v) = sum_j w_j p(v | h_j)`` over the newest items h_1..h_n of the prefix, with weights that sum to 1. Of an
        item without followers we know nothing: its part is missing in the sum. Shapes: both [P, n M].
        """
        rows, newest = np.nonzero(batch.counted)
        if batch.lengths is not None:
            newest = batch.lengths[rows] - 1
        place = newest[:, None] - np.arange(len(self.weights))  # [P, n]
        weights = self.weights * (place >= 0)
        weights /= weights.sum(1, keepdims=True)
        item = batch.items[rows[:, None], np.maximum(place, 0)]
        chances = weights[:, :, None] * self.chances[item]  # [P, n, M]
        return self.items[item].reshape(len(rows), -1), chances.reshape(len(rows), -1)


def soften(batch: Batch, settings: ObjectiveConfig, followers: Followers | None) -> SoftTargets | None:
    """Return the target distributions of a batch, or None when every target has all of its own.

    With label smoothing e and soft targets of weight w: ``(1 - e) ((1 - w s) onehot(t) + w p) + e / V``, where s is the
    sum of p: 1, or less where an item has no followers.
    """
    if followers is None and not settings.label_smoothing:
        return None
    weight, even = settings.soft_weight, settings.label_smoothing
    if followers is None:
        nothing = np.zeros((int(batch.counted.sum()), 0))
        return SoftTargets(nothing.astype(np.int64), nothing, even)
    items, chances = followers.after(batch)
    return SoftTargets(items, (1 - even) * weight * chances, even)


def partners(targets: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions that have a partner, and their partners: the same target in another history.

    The positions with a target form a ring, in the order of their histories, and each is followed by its partner,
    unless that belongs to its own history: a history that repeats a target has fewer pairs. So the pairs do not depend
    on the order of a batch, unless a history repeats a target. Shapes: targets and groups (the number of the history,
    or of the window of a long one) [P].
    """
    order = np.lexsort((groups, targets))
    ordered = targets[order]
    first = np.searchsorted(ordered, ordered)  # the first place with the same target
    behind = np.searchsorted(ordered, ordered, side="right")  # and the place behind the last one
    place = np.arange(1, len(order) + 1)
    partner = order[np.where(place < behind, place, first)]
    kept = groups[order] != groups[partner]
    return order[kept], partner[kept]
