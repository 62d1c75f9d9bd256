"""Signals: what the distributions of a model's rows say about themselves, without knowledge of the target.

A gate and a halting rule look at them. ``p_k = softmax(s_k / tau)`` over the whole catalogue, for row k of the scorer.
"""

from collections.abc import Iterable

import numpy as np

from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.scorers import Row, StateScorer

SIGNALS = ("entropy", "top", "kl", "agreement")


def log_softmax(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return ``log softmax(s / tau)`` over the last axis."""
    log = (scores - scores.max(-1, keepdims=True)) / temperature
    log -= np.log(np.exp(log).sum(-1, keepdims=True))
    return log


def signals(log: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Return SIGNALS [B, 4] of distributions, from their logarithms [B, V] and those of the row before.

    The entropy in nats; the logarithm of the largest probability; ``KL(p_{k-1} || p_k)``; 1 if both rows have the same
    top item. The first row has nothing before it: its last two are 0.
    """
    found = np.zeros((len(log), len(SIGNALS)))
    found[:, 0] = -(np.exp(log) * log).sum(-1)
    found[:, 1] = log.max(-1)
    if before is not None:
        found[:, 2] = (np.exp(before) * (before - log)).sum(-1)
        found[:, 3] = log.argmax(-1) == before.argmax(-1)
    return found


class Observed:
    """What one evaluation pass found for the N targets of a part and the M rows of a scorer, in the order of the part.

    ``evaluation``; ``signals`` [N, M, 4]; ``target_logs`` [N, M], the logarithms of the target's probabilities;
    ``lengths`` [N] of the histories.
    """

    evaluation: Evaluation

    def __init__(self, scorer: StateScorer, split: Split, part: str, null: bool = False,
                 metrics: str | Iterable[str] = ()):
        """Evaluate; ``null`` and ``metrics`` as ``evaluate`` takes them. Raises what ``evaluate`` raises."""
        self.lengths, self.scorer, self.rows = split.rows(part).length, scorer, scorer.rows
        order = np.argsort(self.lengths, kind="stable")  # as ``evaluate`` proceeds
        self._targets, self._before, self._done = split.target(part)[order], None, dict.fromkeys(scorer.rows, 0)
        self.signals = np.empty((len(order), len(self.rows), len(SIGNALS)))
        self.target_logs = np.empty((len(order), len(self.rows)))
        self.evaluation = evaluate(scorer, split, part, watch=self._watch, null=null, metrics=metrics)
        back = np.argsort(order)
        self.signals, self.target_logs = self.signals[back], self.target_logs[back]

    def _watch(self, row: Row, scores: np.ndarray, seen: tuple[np.ndarray, np.ndarray]) -> None:
        place, done = self.rows.index(row), self._done[row]
        batch = slice(done, done + len(scores))
        log = log_softmax(scores, self.scorer.temperature(row))
        self.signals[batch, place] = signals(log, self._before if place else None)
        self.target_logs[batch, place] = log[np.arange(len(log)), self._targets[batch]]
        self._before, self._done[row] = log, batch.stop
