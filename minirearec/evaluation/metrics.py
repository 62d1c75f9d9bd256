"""Recall, NDCG and MRR at k for one relevant item per user, in NumPy.

With one relevant item at rank r (from 1): Recall@k = [r <= k], NDCG@k = [r <= k] / log2(r + 1),
MRR@k = [r <= k] / r. A target tied with m others takes each of m + 1 ranks equally often, so its metric
is the mean over these ranks: a model that scores all items the same gets the metrics of a random order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minirearec.evaluation.ranking import Ranks
from minirearec.registry import Registry

CUTOFFS = (5, 10, 20)
MIDDLE = [0.025, 0.975]  # quantiles between which 95 % of the draws lie


@dataclass(frozen=True)
class Metric:
    """The gain of a target by its rank: ``gain(ranks)`` maps ranks 1..k, float [k], to their gains [k]."""

    name: str
    gain: Callable[[np.ndarray], np.ndarray]


METRICS: Registry[Metric] = Registry("metric", "metric")
METRICS["Recall"] = Metric("Recall", np.ones_like)
METRICS["NDCG"] = Metric("NDCG", lambda ranks: 1 / np.log2(ranks + 1))
METRICS["MRR"] = Metric("MRR", lambda ranks: 1 / ranks)
# What ``asked`` knows besides; no metric of a user may have these names either.
OTHERS = ("HitRate", "MAP", "Coverage", "Novelty", "Popularity", "PopularityBias")


def per_user(ranks: Ranks, cutoffs=CUTOFFS) -> dict[str, np.ndarray]:
    """Return every metric of every user, unrounded: ``{"NDCG@10": [users], ...}``."""
    return {f"{name}@{k}": expected_gain(ranks, metric, k) for name, metric in METRICS.items() for k in cutoffs}


def expected_gain(ranks: Ranks, metric: Metric, k: int) -> np.ndarray:
    """Return a metric at k of every user, [users].

    ``E[gain] = (G(min(above + tied + 1, k)) - G(min(above, k))) / (tied + 1)`` with G(j) = sum of the gains
    of ranks 1..j.
    """
    summed = np.concatenate([[0.0], np.cumsum(metric.gain(np.arange(1.0, k + 1)))])
    first, last = np.minimum(ranks.above, k), np.minimum(ranks.above + ranks.tied + 1, k)
    return (summed[last] - summed[first]) / (ranks.tied + 1)


def mean_metrics(ranks: Ranks, cutoffs=CUTOFFS) -> dict[str, float]:
    """Return the mean of every metric over users, unrounded."""
    return {name: float(values.mean()) for name, values in per_user(ranks, cutoffs).items()}


def bootstrap_interval(values: np.ndarray, draws: int = 2000, users: np.ndarray | None = None) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean over targets; values [targets], one for each user.

    We draw ``draws`` samples of as many users, with replacement, and take the middle 95 % of their means. If the values
    are the differences of two models, target by target, this is the paired interval of their mean difference. The draws
    are the same every time. ``users`` [targets]: whose each target is, where users have several; all targets of a user
    are drawn together.
    Source: Efron and Tibshirani 1993.
    """
    return tuple(np.quantile(bootstrap_means(values[:, None], draws, users)[:, 0], MIDDLE))


def bootstrap_means(values: np.ndarray, draws: int = 2000, users: np.ndarray | None = None) -> np.ndarray:
    """Return the means of each column in every sample: values [targets, C], out [draws, C]. See bootstrap_interval."""
    rng, sums, counts = np.random.default_rng(0), values, np.ones(len(values))
    if users is not None:
        _, user = np.unique(users, return_inverse=True)
        counts = np.bincount(user)
        sums = np.stack([np.bincount(user, column) for column in values.T], 1)
    means = np.empty((draws, values.shape[1]))
    for draw in range(draws):
        often = np.bincount(rng.integers(0, len(sums), len(sums)), minlength=len(sums))
        means[draw] = often @ sums / (often @ counts)
    return means
