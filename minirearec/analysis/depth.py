"""Adaptive depth: what does stopping early gain over the best fixed depth, and how much of the ceiling is that?

Every policy is fitted on validation, to a model that has not seen it; the best of them there is the one that counts.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minirearec.analysis.figures import Figure, Tables, figures
from minirearec.analysis.halting import NAMES, RULES, Head, Policy, depths, taken
from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import (
    NULL_ORACLE,
    ORACLE,
    UPPER_LIMITS,
    USERS_AT_A_TIME,
    Evaluation,
    share,
    users_at_a_time,
)
from minirearec.evaluation.metrics import mean_metrics, per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.evaluation.scorers import StateScorer
from minirearec.evaluation.signals import Observed, log_softmax, signals
from minirearec.reference.ops import unit

METRIC = "NDCG@20"
HALT = "halt"  # the row of the chosen policy
TIMED = 8 * USERS_AT_A_TIME  # histories whose states and scores are timed
REPEATS = 3


@dataclass(frozen=True)
class Way:
    """A fixed depth or a halting policy.

    ``threshold`` is None for fixed depths, for the learned head, and for a rule that never stops early. ``valid`` is
    the metric on validation, ``metrics`` are those of the part, ``depth`` its mean number of steps, ``milliseconds``
    the time of states and scores for 256 histories. ``gain`` over the best fixed depth has a paired interval;
    ``realised`` is its share of the oracle's gain.
    """

    name: str
    policy: bool
    threshold: float | None
    valid: float
    metrics: dict[str, float]
    depth: float
    milliseconds: float
    gain: Figure
    realised: float | None


@dataclass(frozen=True)
class Depth(Tables):
    """Every fixed depth and every policy. ``best_fixed`` and ``chosen`` are the names of the best ones on validation.

    ``oracle`` and ``null`` (None without dropout) are the metrics of the upper limits, ``null_realised`` the share of
    the oracle's gain over the best fixed depth that the null oracle reaches.
    """

    metric: str
    ways: list[Way]
    best_fixed: str
    chosen: str
    oracle: dict[str, float]
    null: dict[str, float] | None
    null_realised: float | None

    def records(self) -> list[dict[str, Any]]:
        """Return one row for each way."""
        return [{"way": one.name, "threshold": one.threshold, f"validation {self.metric}": one.valid, **one.metrics,
                 "depth": one.depth, "milliseconds": one.milliseconds, "gain": one.gain.value, "low": one.gain.low,
                 "high": one.gain.high, "realised": one.realised} for one in self.ways]


def halting(scorer: StateScorer, split: Split, part: str = "test", final: StateScorer | None = None,
            final_split: Split | None = None, metrics: str | Iterable[str] = ()) -> tuple[Evaluation, Depth]:
    """Fit the policies on the validation part, and evaluate them on ``part``; the evaluation has the row HALT.

    ``final``, ``final_split``: the model fitted on train and validation, if it is the one to evaluate. ``metrics``: as
    ``evaluate`` takes them.
    """
    last, data = final or scorer, final_split or split
    valid = _Seen(scorer, split, "valid", part == "valid", metrics)
    found = valid if part == "valid" else _Seen(last, data, part, True, metrics)
    policies = fitted(valid)
    names = [*(f"always {k}" for k in range(len(valid.steps))), *(policy.name for policy in policies)]
    before, after = (seen.depths(policies) for seen in (valid, found))
    scores = [float(taken(valid.gains, depth).mean()) for depth in before]
    best = int(np.argmax(scores[:-len(policies)]))
    chosen = len(valid.steps) + int(np.argmax(scores[-len(policies):]))
    start = taken(found.gains, after[best])
    upper = {row: float(per_user(found.ranks[row])[METRIC].mean() - start.mean())
             for row in (ORACLE, NULL_ORACLE) if row in found.ranks}
    gains = figures({number: taken(found.gains, depth) - start for number, depth in enumerate(after)},
                    data.rows(part).user)
    milliseconds = timed(last, data, part, policies)
    ways = [Way(name, policy is not None, policy and policy.threshold, scores[number],
                mean_metrics(choose(found.steps, after[number])), float(after[number].mean()), milliseconds[number],
                gains[number], share(gains[number].value, upper[ORACLE]))
            for number, (name, policy) in enumerate(zip(names, [*[None] * len(valid.steps), *policies], strict=True))]
    null = mean_metrics(found.ranks[NULL_ORACLE]) if NULL_ORACLE in upper else None
    return with_row(found.evaluation, after[chosen]), Depth(
        METRIC, ways, names[best], names[chosen], mean_metrics(found.ranks[ORACLE]), null,
        share(upper[NULL_ORACLE], upper[ORACLE]) if null else None)


class _Seen:
    """What policies read of the N targets of a part, and what they gain.

    ``signals`` [N, K+1, 5], ``lengths`` [N], ``gains`` [N, K+1]: the metric of stopping at each step.
    """

    def __init__(self, scorer: StateScorer, split: Split, part: str, null: bool = True,
                 metrics: str | Iterable[str] = ()):
        steps = range(scorer.config.model.steps + 1)
        seen = Observed(scorer, split, part, null, metrics)
        self.evaluation, self.ranks = seen.evaluation, seen.evaluation.excluded
        self.steps = [self.ranks[f"step {k}"] for k in steps]
        self.lengths = np.minimum(seen.lengths, scorer.max_length)
        changes = np.empty((len(seen.lengths), len(steps)))
        order = np.argsort(seen.lengths, kind="stable")
        for users in np.split(order, range(USERS_AT_A_TIME, len(order), USERS_AT_A_TIME)):
            states = scorer.engine.array(scorer.states(*split.inputs(users, part, scorer.max_length)))
            changes[users] = np.stack([change(states[:, k], states[:, k - 1] if k else None) for k in steps], 1)
        self.signals = np.concatenate([seen.signals[:, :len(steps)], changes[..., None]], -1)
        self.gains = np.stack([per_user(ranks)[METRIC] for ranks in self.steps], 1)

    def depths(self, policies: list[Policy]) -> list[np.ndarray]:
        """Return the depths [N] of every fixed one and of the policies."""
        return [*(np.full(len(self.lengths), k) for k in range(len(self.steps))),
                *(depths(policy, self.signals, self.lengths) for policy in policies)]


def fitted(valid: _Seen) -> list[Policy]:
    """Return all policies, fitted on validation.

    A threshold is chosen by the metric itself; the head learns from ``1 / log2(1 + rank)`` without a cutoff, in which
    every target has a say.
    """
    smooth = np.stack([1 / np.log2(1 + ranks.expected) for ranks in valid.steps], 1)
    return [*(rule.fitted(valid.signals, valid.lengths, valid.gains) for rule in RULES),
            Head().fitted(valid.signals, valid.lengths, smooth)]


def change(state: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Return ``1 - cos(r_{k-1}, r_k)`` [A], or 0 at the first step."""
    return np.zeros(len(state)) if before is None else 1 - (unit(state) * unit(before)).sum(-1)


def choose(steps: list[Ranks], depth: np.ndarray) -> Ranks:
    """Return the ranks at the depth of each target."""
    return Ranks(*(taken(np.stack([getattr(ranks, name) for ranks in steps], 1), depth) for name in ("above", "tied")))


def with_row(evaluation: Evaluation, depth: np.ndarray) -> Evaluation:
    """Return the evaluation with the row HALT, before the rows that know the target."""
    def grown(by_row):
        steps = [by_row[name] for name in by_row if name.startswith("step ")]
        own = {name: ranks for name, ranks in by_row.items() if name not in UPPER_LIMITS}
        return {**own, HALT: choose(steps, depth), **by_row}

    return replace(evaluation, excluded=grown(evaluation.excluded), kept=grown(evaluation.kept))


def timed(scorer: StateScorer, split: Split, part: str, policies: list[Policy]) -> list[float]:
    """Return the milliseconds for 256 histories of every fixed depth and policy: the best of a few repeats."""
    rows = split.rows(part).some(TIMED)
    sample, order = replace(split, **{part: rows}), np.argsort(rows.length, kind="stable")
    step = users_at_a_time(split.data.n_items)
    batches = [sample.inputs(users, part, scorer.max_length)
               for users in np.split(order, range(step, len(order), step))]

    def fixed(k):
        return lambda items, lengths: scorer.engine.scores(scorer.engine.states(items, lengths, k)[:, k])

    runs = [*(fixed(k) for k in range(scorer.config.model.steps + 1)),
            *(lambda items, lengths, one=policy: stop_early(scorer, one, items, lengths) for policy in policies)]
    best = [np.inf] * len(runs)
    for _ in range(REPEATS):
        for number, run in enumerate(runs):
            began = time.perf_counter()
            for batch in batches:
                run(*batch)
            best[number] = min(best[number], time.perf_counter() - began)
    return [1000 * seconds * USERS_AT_A_TIME / len(rows) for seconds in best]


def stop_early(scorer: StateScorer, policy: Policy, items: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return the scores [B, V] at the step where each history stops, and that step [B]; no state is computed beyond."""
    engine, K = scorer.engine, scorer.config.model.steps
    active, depth, found = np.arange(len(lengths)), np.full(len(lengths), K), None
    log = before = previous = None
    walk = engine.walk(items, lengths)
    state = next(walk)
    for k in range(K + 1):
        scores = engine.scores(state) if policy.reads_scores or k == K else None
        stop = np.ones(len(active), bool)
        if k < K:
            now, seen = engine.array(state), np.zeros((len(active), len(NAMES)))
            seen[:, -1] = change(now, previous)
            if scores is not None:
                log = log_softmax(scores, scorer.config.objective.temperature)
                seen[:, :-1] = signals(log, before)
            stop = policy.stops(k, seen, lengths[active])
            previous, before = now[~stop], None if log is None else log[~stop]
        if stop.any():
            own = engine.scores(state[stop]) if scores is None else scores[stop]
            found = np.empty((len(lengths), own.shape[1]), own.dtype) if found is None else found
            found[active[stop]], depth[active[stop]] = own, k
        active = active[~stop]
        if not len(active):
            break
        state = walk.send(~stop)
    assert found is not None, "no history"
    return found, depth
