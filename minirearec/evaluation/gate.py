"""A gate over the rows of a trained model, fitted on validation: a mixture of the steps' distributions.

``p(v | h) = sum_k g_k(h) softmax(s_k / tau)_v`` with ``g = softmax_k(theta . x_k)``. The features x_k of row k are its
signals (see ``signals``), which row it is, and the length of the history for each row. theta maximises the likelihood
of the validation targets, which the model has not seen. With the target's probability y_k in row k and the posterior
``q_k = g_k y_k / sum_j g_j y_j``, the loss ``-log sum_k g_k y_k`` has the gradient ``sum_k (g_k - q_k) x_k``. It is not
convex; we descend from equal weights, with the curvature of its convex part there, ``Cov[x]``, to begin with. The
method ``gate`` trains such a gate with the model.
"""

from typing import Any

import numpy as np

from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, UPPER_LIMITS, share
from minirearec.evaluation.newton import descend
from minirearec.evaluation.scorers import Row, StateScorer
from minirearec.evaluation.signals import Observed, log_softmax, signals

METRIC = "NDCG@20"
RIDGE = 1e-4  # penalty on theta: features are standardised


class FittedGate:
    """A model and its gate as one scorer: the rows of the model, and one for the gate. The answer stays the model's."""

    gate = Row("fitted gate", None)

    def __init__(self, scorer: StateScorer, theta: np.ndarray, centre: np.ndarray, spread: np.ndarray):
        self.scorer, self.theta, self.centre, self.spread = scorer, theta, centre, spread
        self.rows, self.answer, self.max_length = (*scorer.rows, self.gate), scorer.answer, scorer.max_length
        self.copies = scorer.copies
        self.shares: list[float] = []  # mean weight of each row over the validation part
        self.best_fixed = ""  # the step with the best metric there

    @classmethod
    def fit(cls, scorer: StateScorer, split: Split, final: StateScorer | None = None) -> "FittedGate":
        """Fit the gate on the validation part of a split, to a model that has not seen it.

        ``final``: the model fitted on train and validation, which takes its place afterwards.
        """
        seen = Observed(scorer, split, "valid")
        raw = _raw(seen.signals, np.minimum(seen.lengths, scorer.max_length))
        flat = raw.reshape(-1, raw.shape[-1])
        fitted = cls(final or scorer, np.zeros(0), flat.mean(0), flat.std(0) + (flat.std(0) == 0))
        features = fitted._features(seen.signals, seen.lengths)
        fitted.theta = fit_theta(features, seen.target_logs)
        steps = [row.name for row in scorer.rows if row.step is not None]
        fitted.best_fixed = max(steps, key=lambda name: seen.evaluation.metrics(name)[METRIC])
        fitted.shares = np.exp(_log_gate(features, fitted.theta)).mean(0).tolist()
        return fitted

    def to_dict(self, rows: dict[str, dict[str, float]]) -> dict:
        """Return the dict in results: the gate's row, the mean weight of every row on validation, what it realises.

        ``rows``: the metrics of an evaluation. ``realised`` and ``null_realised`` are the shares of the oracle's gain
        in NDCG@20 over ``best_fixed``, the depth that is best on validation.
        """
        names = [row.name for row in self.scorer.rows]
        start = rows[self.best_fixed][METRIC]
        gains = {row: rows[row][METRIC] - start for row in (self.gate.name, *UPPER_LIMITS) if row in rows}
        realised = {row: share(gain, gains[ORACLE]) for row, gain in gains.items()}
        return {"row": self.gate.name, "shares": dict(zip(names, self.shares, strict=True)),
                "best_fixed": self.best_fixed, "realised": realised[self.gate.name],
                "null_realised": realised.get(NULL_ORACLE)}

    def temperature(self, row: Row) -> float:
        """Return what a row's scores are divided by before the softmax: 1 for the gate's logarithms."""
        return 1.0 if row == self.gate else self.scorer.temperature(row)

    def states(self, items: np.ndarray, lengths: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the model's states, and the lengths of the histories that it was given."""
        return self.scorer.states(items, lengths), lengths

    def states_of_one(self, history: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the same for one history."""
        return self.scorer.states_of_one(history), np.array([len(history)])

    def scores(self, states: tuple[Any, np.ndarray], row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores [B, V] of a row; those of the gate are logarithms of probabilities."""
        inner, lengths = states
        if row != self.gate:
            return self.scorer.scores(inner, row, out)
        logs = [log_softmax(self.scorer.scores(inner, one), self.scorer.temperature(one)) for one in self.scorer.rows]
        found = np.stack([signals(log, before) for log, before in zip(logs, [None, *logs], strict=False)], 1)
        gate = _log_gate(self._features(found, lengths), self.theta).astype(logs[0].dtype)
        mixed = logs[0] + gate[:, :1]
        for k, log in enumerate(logs[1:], 1):
            mixed = np.logaddexp(mixed, log + gate[:, k, None], out=mixed)
        return mixed

    def _features(self, found: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return x [B, M, F], standardised; the names of the rows come last and stay as they are."""
        scaled = (_raw(found, np.minimum(lengths, self.max_length)) - self.centre) / self.spread
        M = found.shape[1]
        names = np.broadcast_to(np.eye(M), (len(found), M, M))
        return np.concatenate([scaled[..., :-1], scaled[..., -1:] * names, names], -1)


def _raw(found: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return signals and the logarithm of the length [B, M, 5]."""
    return np.concatenate([found, np.broadcast_to(np.log(lengths)[:, None, None], (*found.shape[:2], 1))], -1)


def _log_gate(features: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return ``log softmax_k(theta . x_k)`` [B, M]."""
    return log_softmax(features @ theta, 1.0)


def fit_theta(features: np.ndarray, target_logs: np.ndarray) -> np.ndarray:
    """Return theta [F] for features x [N, M, F] and the logarithms of the targets' probabilities [N, M]."""
    N, M, F = features.shape
    flat = features.reshape(-1, F)

    def loss(theta):
        gate = _log_gate(features, theta)
        joint = gate + target_logs
        top = joint.max(1, keepdims=True)
        log_mixture = top + np.log(np.exp(joint - top).sum(1, keepdims=True))
        g, q = np.exp(gate), np.exp(joint - log_mixture)
        slope = (g - q).reshape(-1) @ flat / N + RIDGE * theta
        return -log_mixture.mean() + RIDGE / 2 * theta @ theta, slope

    apart = features - features.mean(1, keepdims=True)
    return descend(loss, np.zeros(F), (apart.reshape(-1, F).T @ apart.reshape(-1, F)) / (N * M) + RIDGE * np.eye(F))
