"""What the table of a study shows: its rows, the steps of its models, or what shorter patiences would have given."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from minirearec.analysis.comparing import METRIC, check_metric
from minirearec.data.splits import make_split
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, UPPER_LIMITS, share
from minirearec.events import SELECTION
from minirearec.runs.directory import DataFacts
from minirearec.studies.conducting import Conducting
from minirearec.studies.results import validation
from minirearec.studies.tables import Line, Source, StudyResult, compare_lines, means

BEST_DEPTH = "best fixed depth"
PATIENCES = range(1, 13)


def result(work: Conducting, metric: str = METRIC) -> StudyResult:
    """Return the table of a study, of the runs that are finished. Raises ConfigError for an unknown metric."""
    metric, study, tried = check_metric(metric), work.study, []
    for row in study.rows:
        for variant in row.variants if len(row.variants) > 1 else ():
            run = work.results.lines.get(work.config({**row.settings, **variant}, work.seeds[0]))
            if run:
                tried.append({"row": row.name, "variant": variant, "validation": validation(run),
                              "chosen": variant == work.chosen(row)})
    for row in work.rows()[len(study.rows):]:
        tried += [{"row": row.name, "variant": row.settings, "validation": validation(run), "chosen": True}
                  for run in [*work.lines(row).values()][:1]]
    return StudyResult(study.name, study.question, study.view, asdict(DataFacts.of(work.data)), metric,
                       not work.missing(), VIEWS[study.view](work, metric), tried)


def rows_view(work: Conducting, metric: str) -> list[Line]:
    """Return a line for each row of the study, and for its blend, which is compared with the blend of its base."""
    sources: list[Source] = []
    blended = " + ".join(["", *work.study.blend])
    for row in work.rows():
        runs, base = work.lines(row), work.study.base_of(row)
        if not runs:
            continue
        settings, some = {**row.settings, **(work.chosen(row) or {})}, list(runs.values())
        sources.append(Source(row.name, base, settings, runs, lambda run: run["answer"], course(some, metric)))
        if Blend.blend.name in some[0]["ranks"]:
            sources.append(Source(row.name + blended, base + blended, settings, runs, lambda run: Blend.blend.name, {}))
    return compare_lines(sources, metric, make_split(work.data).test.user)


def course(runs: Sequence[dict[str, Any]], metric: str) -> dict[str, float]:
    """Return how a row was trained and, if it thinks, what its answer realises of the oracle and the null oracle."""
    found = {}
    if runs[0]["curve"]:
        found = {"best epoch": float(np.mean([run["best_epoch"] for run in runs])),
                 "seconds an epoch": float(np.mean([run["epoch_seconds"] for run in runs]))}
    if len(runs[0]["steps"]) > 1:
        limits = means([ceilings(run, metric) for run in runs])
        answer = float(np.mean([run["test"][run["answer"]][metric] for run in runs]))
        found |= {**limits, **shares(answer, limits)}
    return found


def ceilings(run: dict[str, Any], metric: str) -> dict[str, float]:
    """Return a run's K = 0, its fixed depth that is best on validation, its oracle and its null oracle, on test."""
    rows = {"K = 0": run["steps"][0], BEST_DEPTH: best_depth(run, metric), "oracle": ORACLE, NULL_ORACLE: NULL_ORACLE}
    return {name: run["test"][row][metric] for name, row in rows.items() if row in run["test"]}


def best_depth(run: dict[str, Any], metric: str) -> str:
    """Return the row of the step that is best on validation."""
    return max(run["steps"], key=lambda step: run["valid"][step][metric])


def shares(policy: float, limits: dict[str, float]) -> dict[str, float]:
    """Return ``realised``, (policy - best fixed depth) / (oracle - best fixed depth), and that of the null oracle.

    Nothing for a model with one depth, or where there is nothing to gain.
    """
    if "oracle" not in limits:
        return {}
    start = limits[BEST_DEPTH]
    found = {"realised": share(policy - start, limits["oracle"] - start)}
    if NULL_ORACLE in limits:
        found["null realised"] = share(limits[NULL_ORACLE] - start, limits["oracle"] - start)
    return {name: value for name, value in found.items() if value is not None}


def steps_view(work: Conducting, metric: str) -> list[Line]:
    """Return a line for each row of results of every model, compared with the fixed depth that validation chose.

    Depth and time of every fixed depth and policy are means over seeds; of the policies, the row halt is the best on
    validation, with an interval.
    """
    sources = []
    for row in work.rows():
        runs = work.lines(row)
        if not runs:
            continue
        base, some = f"{row.name}, {BEST_DEPTH}", list(runs.values())
        sources.append(Source(base, base, row.settings, runs, partial(best_depth, metric=metric), {}))
        limits = means([ceilings(run, metric) for run in some])
        for name in some[0]["test"]:
            own = float(np.mean([run["test"][name][metric] for run in some]))
            mark = " (answer)" * (name == some[0]["answer"])
            ways = means([run["ways"][name] for run in some if name in run["ways"]])
            values = {key: value for key, value in shares(own, limits).items() if key == "realised"}
            compared = base if len(some[0]["steps"]) > 1 and name not in UPPER_LIMITS else ""  # nothing to claim
            sources.append(Source(f"{row.name}, {name}{mark}", compared, row.settings, runs,
                                  lambda run, name=name: name, {**values, **ways}))
    return compare_lines(sources, metric, make_split(work.data).test.user)


def patience_view(work: Conducting, metric: str) -> list[Line]:
    """Return what shorter patiences would have given, replayed on the validation metric that ends training.

    ``epochs``: as many as it trains; ``time``: their share of those trained here. ``lost``: the best of all epochs
    minus the best before it stops, on average and at most.
    """
    found = []
    for row in work.rows():
        runs = {seed: run for seed, run in work.lines(row).items() if run["curve"]}  # counts have none
        known = min((run["settings"]["training"]["patience"] for run in runs.values()), default=0)
        for patience in (one for one in PATIENCES if one <= known):  # training ended before longer ones would have
            ends = [(replay(run["curve"], patience), run["curve"]) for run in runs.values()]
            values = [curve[best - 1] for (_, best), curve in ends]
            lost = [max(curve) - value for (_, curve), value in zip(ends, values, strict=True)]
            found.append(Line(
                f"{row.name}, patience {patience}", "", {**row.settings, "patience": patience},
                next(iter(runs.values()))["fitted_on"], list(runs), {SELECTION: float(np.mean(values))}, {}, values,
                None, {"epochs": float(np.mean([end for (end, _), _ in ends])),
                       "best epoch": float(np.mean([best for (_, best), _ in ends])),
                       "time": float(np.mean([end / len(curve) for (end, _), curve in ends])),
                       "lost": float(np.mean(lost)), "most lost": float(max(lost))}))
    return found


def replay(curve: Sequence[float], patience: int) -> tuple[int, int]:
    """Return after how many epochs early stopping with this patience ends, and the best of them, both from 1."""
    best = epoch = 1
    for epoch, value in enumerate(curve, 1):
        best = epoch if value > curve[best - 1] else best
        if epoch - best >= patience:
            break
    return epoch, best


VIEWS: dict[str, Callable[[Conducting, str], list[Line]]] = {
    "rows": rows_view, "steps": steps_view, "patience": patience_view}
