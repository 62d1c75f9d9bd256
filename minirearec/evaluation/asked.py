"""Metrics by name and cut-off, as they are asked for: ``NDCG@50``, ``HitRate@10``, ``Coverage@10``.

Every target is evaluated alone. With one relevant item the hit rate equals recall, and MAP, whose average precision is
1 / rank, equals MRR.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from minirearec.errors import ConfigError
from minirearec.evaluation.lists import Lists
from minirearec.evaluation.metrics import CUTOFFS, METRICS, expected_gain
from minirearec.evaluation.ranking import Ranks

SAME = {"HitRate": "Recall", "MAP": "MRR"}
OF_LISTS: dict[str, Callable[[Lists], float | None]] = {
    "Coverage": lambda lists: lists.coverage, "Novelty": lambda lists: lists.novelty,
    "Popularity": lambda lists: lists.popularity, "PopularityBias": lambda lists: lists.bias}
LARGEST = 10_000


@dataclass(frozen=True)
class Asked:
    """One metric at one cut-off."""

    kind: str
    k: int

    @property
    def name(self) -> str:
        """Return its name in tables and results, such as NDCG@50."""
        return f"{self.kind}@{self.k}"

    @property
    def of_lists(self) -> bool:
        """Return whether it is a metric of the recommended lists, not of the target's rank."""
        return self.kind in OF_LISTS


def read_metrics(names: str | Iterable[str]) -> tuple[Asked, ...]:
    """Return the metrics of names such as ``"map@7,coverage"``: NAME@K, or NAME for every usual cut-off.

    Case does not matter. Raises ConfigError for an unknown name and for a cut-off that is not in 1..10,000.
    """
    known = {name.lower(): name for name in (*METRICS, *SAME, *OF_LISTS)}
    found: dict[Asked, None] = {}  # in their order, each once
    for word in names.split(",") if isinstance(names, str) else names:
        kind, at, k = word.strip().partition("@")
        if kind.lower() not in known:
            raise ConfigError(f"unknown metric {word.strip()!r}", "--metrics",
                              f"Choose from {', '.join(known.values())}, with a cut-off as in NDCG@10.")
        if at and not (k.isascii() and k.isdigit() and len(k) <= len(str(LARGEST)) and 1 <= int(k) <= LARGEST):
            raise ConfigError(f"the cut-off of {word.strip()!r} is not a number from 1 to {LARGEST:,}", "--metrics",
                              "Write it as in NDCG@10.")
        found.update(dict.fromkeys(Asked(known[kind.lower()], cut) for cut in ((int(k),) if at else CUTOFFS)))
    return tuple(found)


def mean_of_ranks(asked: Iterable[Asked], ranks: Ranks) -> dict[str, float]:
    """Return those of the metrics that depend on the target's rank: their means over targets, unrounded."""
    return {one.name: float(np.mean(expected_gain(ranks, METRICS[SAME.get(one.kind, one.kind)], one.k)))
            for one in asked if not one.of_lists}


def of_lists(asked: Iterable[Asked], lists: Callable[[int], dict[str, Lists]]) -> dict[str, dict[str, float]]:
    """Return the other ones, {row: {name: value}}; ``lists(k)`` are the top k of every row."""
    found: dict[str, dict[str, float]] = {}
    for one in asked:
        for row, own in lists(one.k).items() if one.of_lists else ():
            value = OF_LISTS[one.kind](own)
            if value is not None:
                found.setdefault(row, {})[one.name] = value
    return found
