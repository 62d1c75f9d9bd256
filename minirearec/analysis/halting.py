"""When to stop thinking: rules that look at the signals of a step, and their fit on validation.

A policy reads the steps in order and stops at the first one where ``stops`` says so, at K at the latest; its answer is
that step's. ``signals`` are those of ``evaluation.signals``, and the change of the state, ``1 - cos(r_{k-1}, r_k)``,
which needs no scores and so no product with the catalogue.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from minirearec.evaluation.newton import minimise
from minirearec.evaluation.signals import SIGNALS

NAMES = (*SIGNALS, "change")
QUANTILES = 20  # thresholds to choose from: the quantiles of a signal on validation
RIDGE = 1e-4


@dataclass(frozen=True)
class Rule:
    """Stop as soon as a signal is at most ``threshold``; ``first``: the first step at which there is one."""

    name: str
    signal: int
    first: int
    sign: int = 1  # -1: at least, for agreement
    threshold: float | None = None  # None: never

    @property
    def reads_scores(self) -> bool:
        """Return whether the rule needs the scores of a step."""
        return NAMES[self.signal] in SIGNALS

    def stops(self, k: int, signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return which of A histories stop at step k: signals [A, 5], lengths [A]."""
        return (self.sign * signals[:, self.signal] <= (-np.inf if self.threshold is None else self.threshold)) \
            & (k >= self.first)

    def fitted(self, signals: np.ndarray, lengths: np.ndarray, gains: np.ndarray) -> "Rule":
        """Return the rule with the threshold of the highest mean gain; of equal ones, that of the deepest thinking.

        Signals [N, K+1, 5], gains [N, K+1]: what a target gains if its history stops there.
        """
        values = self.sign * signals[:, self.first:-1, self.signal]
        grid = np.unique(np.quantile(values, np.linspace(0, 1, QUANTILES + 1))) if values.size else ()
        rules = [self, *(replace(self, threshold=float(one)) for one in grid)]
        return max(rules, key=lambda rule: taken(gains, depths(rule, signals, lengths)).mean())


RULES = (Rule("small KL", 2, 1), Rule("low entropy", 0, 0), Rule("same top item", 3, 1, -1), Rule("same state", 4, 1))


@dataclass(frozen=True)
class Head:
    """A learned halting head: stop at step k < K if ``theta_k . x_k > 0``, with x_k the signals and the length.

    Fitted backwards from step K - 1: is the gain here larger than what the head will reach later? A logistic
    regression for each step, in which a history counts as much as that difference.
    """

    name: str = "learned head"
    thetas: tuple = ()
    centre: np.ndarray = field(default_factory=lambda: np.zeros(1))
    spread: np.ndarray = field(default_factory=lambda: np.ones(1))
    reads_scores = True
    threshold = None

    def stops(self, k: int, signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return which of A histories stop at step k."""
        return self._features(signals, lengths) @ self.thetas[k] > 0

    def fitted(self, signals: np.ndarray, lengths: np.ndarray, gains: np.ndarray) -> "Head":
        """Return the head that was fitted to these; see ``Rule.fitted``."""
        K = gains.shape[1] - 1
        raw = _raw(signals, np.repeat(lengths[:, None], K + 1, 1)).reshape(-1, len(NAMES) + 1)
        scaled = Head(self.name, (), raw.mean(0), raw.std(0) + (raw.std(0) == 0))
        thetas, reached = [], gains[:, K]
        for k in reversed(range(K)):
            features, better = scaled._features(signals[:, k], lengths), gains[:, k] - reached
            thetas.insert(0, logistic(features, better > 0, np.abs(better)))
            reached = np.where(features @ thetas[0] > 0, gains[:, k], reached)
        return Head(self.name, tuple(thetas), scaled.centre, scaled.spread)

    def _features(self, signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        scaled = (_raw(signals, lengths) - self.centre) / self.spread
        return np.concatenate([scaled, np.ones((len(scaled), 1))], 1)


Policy = Rule | Head


def _raw(signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([signals, np.log(lengths)[..., None]], -1)


def logistic(features: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return theta of a logistic regression: features [N, F], booleans [N], weight [N] of each row."""
    share = weight / max(weight.sum(), np.finfo(float).tiny)

    def loss(theta):
        a = features @ theta
        chance = np.exp(-np.logaddexp(0, -a))
        value = share @ (np.logaddexp(0, a) - positive * a) + RIDGE / 2 * theta @ theta
        curvature = (features * (share * chance * (1 - chance))[:, None]).T @ features
        return value, features.T @ (share * (chance - positive)) + RIDGE * theta, curvature + RIDGE * np.eye(len(theta))

    return minimise(loss, np.zeros(features.shape[1]))


def depths(policy: Policy, signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the step at which each history stops, [N]: signals [N, K+1, 5], lengths [N]."""
    K = signals.shape[1] - 1
    stop = np.stack([*(policy.stops(k, signals[:, k], lengths) for k in range(K)), np.ones(len(signals), bool)], 1)
    return stop.argmax(1)


def taken(values: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the value of each row at its depth: [N, K+1] and [N] -> [N]."""
    return values[np.arange(len(depth)), depth]
