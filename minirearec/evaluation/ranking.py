"""The rank of the target among all candidates, in NumPy. Ties are counted, not broken.

A rank is kept as two numbers, how many candidates score strictly higher and how many score the same, so
that metrics can take the expectation over a random order of the tied ones.
"""

from dataclasses import dataclass

import numpy as np

from minirearec.errors import EvaluationError

ROWS_AT_A_TIME = 16


@dataclass(frozen=True)
class Ranks:
    """For each user: ``above`` candidates score higher than the target, ``tied`` others score the same."""

    above: np.ndarray  # [users] integers
    tied: np.ndarray  # [users] integers

    def __getitem__(self, index) -> "Ranks":
        return Ranks(self.above[index], self.tied[index])

    @property
    def expected(self) -> np.ndarray:
        """Return the expected rank, counted from 1: ``1 + above + tied / 2``."""
        return 1 + self.above + self.tied / 2


def concatenate(parts: list[Ranks]) -> Ranks:
    """Join the ranks of several batches of users, in order."""
    return Ranks(np.concatenate([part.above for part in parts]), np.concatenate([part.tied for part in parts]))


def rank_targets(scores: np.ndarray, targets: np.ndarray, seen_rows: np.ndarray,
                 seen_items: np.ndarray) -> tuple[Ranks, Ranks]:
    """Rank each row's target in the whole catalogue, without and with the seen items as candidates.

    Shapes: scores [B, V], targets [B] indices; seen_rows and seen_items [S]: the pairs (row, item) of the
    histories, each pair once. A target that occurs in its own history stays a candidate.
    Returns (seen excluded, seen kept). Raises EvaluationError when a score is NaN.
    The target's score comes from the same matrix as all others.
    """
    broken = np.isnan(scores.max(1))  # a maximum is NaN if any number is
    if broken.any():
        row = int(np.flatnonzero(broken)[0])
        raise EvaluationError(f"the scores of user row {row} contain NaN", "evaluation",
                              "The model has diverged; try a smaller --learning-rate.")
    target_scores = scores[np.arange(len(targets)), targets]
    higher, at_least = (_counts(compare, scores, target_scores) for compare in (np.greater, np.greater_equal))
    kept = Ranks(higher, at_least - higher - 1)

    other = seen_items != targets[seen_rows]
    rows, items = seen_rows[other], seen_items[other]
    seen_scores, own = scores[rows, items], target_scores[rows]
    users = len(targets)
    excluded = Ranks(kept.above - np.bincount(rows, seen_scores > own, users).astype(np.int64),
                     kept.tied - np.bincount(rows, seen_scores == own, users).astype(np.int64))
    return excluded, kept


def _counts(compare: np.ufunc, scores: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return how many scores of each row [B, V] compare so with the row's own score [B]: int64 [B].

    A few rows at a time stay in the processor's cache between the comparison and the count.
    """
    found, memory = np.empty(len(scores), dtype=np.int64), np.empty((ROWS_AT_A_TIME, scores.shape[1]), dtype=bool)
    for start in range(0, len(scores), ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        compared = compare(scores[rows], own[rows, None], out=memory[:len(scores[rows])])
        found[rows] = [np.count_nonzero(row) for row in compared]
    return found


def top_items(scores: np.ndarray, k: int, excluded: np.ndarray | None = None) -> np.ndarray:
    """Return the k best items of one score row [V], best first; equal scores keep the order of their index.

    ``excluded``: item indices that are not candidates. Returns fewer than k items if fewer are left.
    """
    scores = scores.copy()
    if excluded is not None and len(excluded):
        scores[excluded] = -np.inf
        k = min(k, len(scores) - len(np.unique(excluded)))
    k = min(k, len(scores))
    if k <= 0:
        return np.empty(0, dtype=np.int64)
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    candidates = np.flatnonzero(scores >= threshold)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:k]
