"""Blend models: one softmax over a weighted sum of their scores, with weights fitted to the validation targets.

``p(v | h) = softmax_v(sum_i w_i s_i(v | h))``. The scores s_i of a model are its log-probabilities up to a constant per
history, which cancels here. Scores that are no logarithms, as those of most count models, enter as ``log(1 + s)``.
Several seeds of one model make an ensemble in the same way.

The softmax that fits the weights is over the items that any of the models ranks among its best, without the seen ones:
how a model spreads the rest of its probability over thousands of unlikely items is no reason to trust it at the top.
Targets that no model ranks among its best say nothing and are left out. ``-log p`` of the others is convex in w, its
gradient is the sum of ``E_p[s] - s(target)`` and its Hessian that of ``Cov_p[s]``; Newton's method finds the minimum.
"""

from collections.abc import Sequence

import numpy as np

from minirearec.data.splits import Split
from minirearec.errors import EvaluationError
from minirearec.evaluation.full_ranking import UPPER_LIMITS, seen_pairs, users_at_a_time
from minirearec.evaluation.newton import minimise
from minirearec.evaluation.scorers import Row, Scorer

BEST = 100  # items of each model that compete for a target


class Blend:
    """Models and their blend as one scorer: the rows of the first model, one row for each other model, and the blend.

    The answer is that of the first model, so that a blend never takes its place.
    """

    blend = Row("blend", None)

    def __init__(self, parts: dict[str, Scorer], weights: np.ndarray):
        self.parts, self.weights = parts, weights
        first, *others = parts.values()
        self.answer, self.max_length = first.answer, max(part.max_length for part in parts.values())
        self.copies = getattr(first, "copies", lambda: None)
        taken = {*(row.name for row in first.rows), self.blend.name, *UPPER_LIMITS}
        self.others = {Row(f"{name} (blended)" if name in taken else name, None): number
                       for number, name in enumerate(parts) if number}
        self.rows = (*first.rows, *self.others, self.blend)
        assert len(others) and len({row.name for row in self.rows}) == len(self.rows), "every row needs its own name"

    @classmethod
    def fit(cls, parts: dict[str, Scorer], split: Split, final: dict[str, Scorer] | None = None) -> "Blend":
        """Fit the weights on the validation part of a split, to models that have not seen it.

        ``final``: models of the same names, fitted on train and validation, that take their places afterwards.
        """
        return cls(final or parts, fit_weights(list(parts.values()), split))

    def to_dict(self) -> dict:
        """Return the dict in results: the name of the blend's row, and the weight of every model."""
        return {"row": self.blend.name, "weights": dict(zip(self.parts, self.weights.tolist(), strict=True))}

    def states(self, items: np.ndarray, lengths: np.ndarray) -> list:
        """Return the states of every model; see ``evaluation.scorers.Scorer``."""
        return [part.states(*newest(items, lengths, part.max_length)) for part in self.parts.values()]

    def states_of_one(self, history: np.ndarray) -> list:
        """Return the states of every model for one history."""
        return [part.states_of_one(history[-part.max_length:]) for part in self.parts.values()]

    def scores(self, states: list, row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores [B, V] of a row: those of its model, or their weighted sum."""
        parts = list(self.parts.values())
        if row == self.blend:
            return np.tensordot(self.weights, evidence(parts, states), 1)
        number = self.others.get(row, 0)
        if number:  # not in the memory of the first model, which may have another precision
            return parts[number].scores(states[number], parts[number].answer)
        return parts[0].scores(states[0], row, out)


def newest(items: np.ndarray, lengths: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the newest items of histories, at most so many of each, right-padded as before: [B, T], [B]."""
    kept = np.minimum(lengths, most)
    column = np.arange(kept.max(initial=0))
    real = column < kept[:, None]
    place = np.where(real, (lengths - kept)[:, None] + column, 0)
    return np.where(real, np.take_along_axis(items, place, 1), 0), kept


def evidence(parts: Sequence[Scorer], states: list) -> np.ndarray:
    """Return the answers of n models as logarithms, float64 [n, B, V]."""
    scores = [part.scores(own, part.answer).astype(np.float64) for part, own in zip(parts, states, strict=True)]
    return np.stack([own if getattr(part, "logarithmic", True) else np.log1p(np.maximum(own, 0))
                     for part, own in zip(parts, scores, strict=True)])


def fit_weights(parts: Sequence[Scorer], split: Split) -> np.ndarray:
    """Return the weights [n] with the highest likelihood of the validation targets. Models that say the same share one.

    Raises EvaluationError for scores that are NaN, and when no model ranks a target among its best.
    """
    scores, targets = candidates(parts, split)
    return minimise(lambda weights: _loss(weights, scores, targets), np.full(len(parts), 1 / len(parts)))


def candidates(parts: Sequence[Scorer], split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores [n, R, C] of the items that compete in R rows, and the target's place [R] among them.

    Rows with fewer than C items are filled with NaN.
    """
    targets, longest = split.target("valid"), max(part.max_length for part in parts)
    size = users_at_a_time(split.data.n_items * len(parts))
    order, best = np.argsort(split.valid.length, kind="stable"), min(BEST, split.data.n_items)
    found = []
    for chosen in np.split(order, range(size, len(order), size)):
        rows, items = seen_pairs(split, chosen, "valid")
        inputs, own = split.inputs(chosen, "valid", longest), targets[chosen]
        known = evidence(parts, [part.states(*newest(*inputs, part.max_length)) for part in parts])  # [n, B, V]
        if np.isnan(known).any():
            raise EvaluationError("the scores of a model contain NaN", "blend",
                                  "The model has diverged; train it again with a smaller --learning-rate.")
        free = known.copy()
        other = items != own[rows]
        free[:, rows[other], items[other]] = -np.inf
        above = (free > free[:, np.arange(len(own)), own][..., None]).sum(2)  # [n, B]
        for row in np.flatnonzero((above < best).any(0)):
            top = np.argpartition(free[:, row], -best, axis=1)[:, -best:]
            competing = np.unique(np.append(top, own[row]))
            competing = competing[np.isfinite(free[0, row, competing])]
            found.append((known[:, row, competing], np.searchsorted(competing, own[row])))
    if not found:
        raise EvaluationError(f"no model ranks a validation target among its {best} best items", "blend",
                              "Train them longer, or leave --blend out.")
    scores = np.full((len(parts), len(found), max(values.shape[1] for values, _ in found)), np.nan)
    for row, (values, _) in enumerate(found):
        scores[:, row, :values.shape[1]] = values
    return scores, np.array([place for _, place in found])


def _loss(weights: np.ndarray, scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the mean of ``-log p(target)`` over the rows of ``candidates``, its gradient [n] and Hessian [n, n]."""
    n, rows, _ = scores.shape
    everyone, filled = np.arange(rows), np.nan_to_num(scores)
    blended = np.where(np.isnan(scores[0]), -np.inf, np.tensordot(weights, filled, 1))
    blended -= blended.max(1, keepdims=True)
    share = np.exp(blended)
    sums = share.sum(1)
    share /= sums[:, None]
    weighted = filled * share
    mean = weighted.sum(2)  # [n, R]
    loss = (np.log(sums) - blended[everyone, targets]).mean()
    slope = (mean - scores[:, everyone, targets]).mean(1)
    return loss, slope, (weighted.reshape(n, -1) @ filled.reshape(n, -1).T - mean @ mean.T) / rows
