"""Blend models: one softmax over a weighted sum of their scores, with weights fitted to the validation targets.

``p(v | h) = softmax_v(sum_i w_i s_i(v | h))`` over the candidates, which are not in h. The scores s_i of a model are
its log-probabilities up to a constant per history, which cancels here. Scores that are no logarithms, as those of most
count models, enter as ``log(1 + s)``. Several seeds of one model make an ensemble in the same way.

``-log p`` of the targets is convex in w: its gradient is the sum of ``E_p[s] - s(target)``, its Hessian the sum of
``Cov_p[s]``. Newton's method needs a few passes over the validation part.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minirearec.data.splits import Split
from minirearec.errors import EvaluationError
from minirearec.evaluation.full_ranking import SCORES_AT_A_TIME, USERS_AT_A_TIME, seen_pairs
from minirearec.evaluation.scorers import Row, Scorer

MOST_STEPS = 50
ENOUGH = 1e-8  # nats per target that another step would gain


class Blend:
    """Models and their blend as one scorer: the rows of the first model, one row for each other model, and the blend.

    The answer is that of the first model, so that a blend never takes its place.
    """

    blend = Row("blend", None)

    def __init__(self, parts: dict[str, Scorer], weights: np.ndarray):
        self.parts, self.weights = parts, weights
        first, *others = parts.values()
        self.answer, self.max_length = first.answer, max(part.max_length for part in parts.values())
        self.others = {Row(name, None): number for number, name in enumerate(parts) if number}
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
        return parts[number].scores(states[number], parts[number].answer if number else row, out)


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
    """Return the weights [n] with the highest likelihood of the validation targets.

    A tenth of the targets brings them near, so that all need few passes. Models that say the same share a weight.
    """
    batches = list(_batches(parts, split))
    near = _newton(np.full(len(parts), 1 / len(parts)), parts, batches[::10])
    return _newton(near, parts, batches)


def _newton(weights: np.ndarray, parts: Sequence[Scorer], batches: list) -> np.ndarray:
    """Return the weights of the lowest loss. A step that does not lower it is halved."""
    loss, slope, curvature = _loss(weights, parts, batches)
    if not np.isfinite(loss):
        raise EvaluationError("the scores of a model contain NaN", "blend",
                              "The model has diverged; train it again with a smaller --learning-rate.")
    for _ in range(MOST_STEPS):
        step = np.linalg.lstsq(curvature, slope, rcond=1e-10)[0]
        if slope @ step < 2 * ENOUGH:
            break
        while (found := _loss(weights - step, parts, batches))[0] > loss:
            step = step / 2
        weights = weights - step
        loss, slope, curvature = found
    return weights


def _batches(parts: Sequence[Scorer], split: Split) -> Iterator[tuple[list[Any], np.ndarray, tuple]]:
    """Yield the states of the models, the targets [B], and the pairs (row, item) that are not candidates."""
    targets, longest = split.target("valid"), max(part.max_length for part in parts)
    size = max(1, min(USERS_AT_A_TIME, SCORES_AT_A_TIME // (split.data.n_items * len(parts))))
    order = np.argsort(split.valid.length, kind="stable")
    for chosen in np.split(order, range(size, len(order), size)):
        rows, items = seen_pairs(split, chosen, "valid")
        other = items != targets[chosen][rows]
        inputs = split.inputs(chosen, "valid", longest)
        yield ([part.states(*newest(*inputs, part.max_length)) for part in parts], targets[chosen],
               (rows[other], items[other]))


def _loss(weights: np.ndarray, parts: Sequence[Scorer], batches: list) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the mean of ``-log p(target)``, its gradient [n] and its Hessian [n, n]."""
    n, total = len(parts), sum(len(targets) for _, targets, _ in batches)
    loss, slope, curvature = 0.0, np.zeros(n), np.zeros((n, n))
    for states, targets, seen in batches:
        known = evidence(parts, states)  # [n, B, V]
        blended = np.tensordot(weights, known, 1)
        blended[seen] = -np.inf
        everyone = np.arange(len(targets))
        blended -= blended.max(1, keepdims=True)
        own = blended[everyone, targets]
        share = np.exp(blended, out=blended)
        sums = share.sum(1, keepdims=True)
        share /= sums
        loss += (np.log(sums[:, 0]) - own).sum()
        weighted = known * share
        mean = weighted.sum(2)  # [n, B]
        slope += (mean - known[:, everyone, targets]).sum(1)
        curvature += weighted.reshape(n, -1) @ known.reshape(n, -1).T - mean @ mean.T
    return loss / total, slope / total, curvature / total
