"""Analyze a run: everything that the paper asks about the steps, mostly from one evaluation pass."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from minirearec.analysis.figures import Figure, figures
from minirearec.analysis.groups import by_quarter
from minirearec.analysis.moves import moves
from minirearec.analysis.result import Analysis
from minirearec.analysis.thinking import think
from minirearec.analysis.timing import time_inference
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, fitted_split, make_split
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, UPPER_LIMITS, Evaluation, evaluate
from minirearec.evaluation.lists import ListCounter
from minirearec.evaluation.metrics import mean_metrics, per_user
from minirearec.evaluation.scorers import StateScorer
from minirearec.runs.directory import Run, describe
from minirearec.runs.opening import load_data, load_scorer

GROUP_METRIC = "NDCG@20"
GAIN_METRICS = ("NDCG@20", "Recall@20")
ANSWER, ORACLE_NAME = "answer", "oracle"


def analyze(run: Run | Path | str, *, part: str = "test", data: SequenceData | None = None,
            data_dir: Path | str | None = None, device: str = "auto", backend: str | None = None, timing: bool = False,
            say: Callable[[str], None] = lambda doing: None) -> Analysis:
    """Analyze the best weights of a run on the ``part`` "test" or "valid".

    ``data``: those of the run; without them, they are loaded as ``load_data`` does. ``timing``: time inference too, see
    ``time_inference``. ``say`` hears what is being done.
    Works for every method, backbone, item encoder and backend; counts have no steps, and so no ``thinking``.
    Raises what ``Run.open``, ``load_data`` and ``evaluate`` raise.
    """
    run = run if isinstance(run, Run) else Run.open(Path(run))
    split = fitted_split(make_split(load_data(run, data_dir) if data is None else data), run.config, part)
    say("ranking the targets at every step")
    scorer, lists = load_scorer(run, device, backend, part), ListCounter(split.popularity, split.target(part))
    evaluation = evaluate(scorer, split, part, watch=lists.watch)
    thinking = None
    if isinstance(scorer, StateScorer) and run.config.model.steps:
        say("looking at states, distributions and attention")
        thinking = think(scorer.engine, run.config, split, part)
    timed = None
    if timing and thinking:
        say("timing inference with 0 to 5 steps")
        timed = time_inference(run, split, part, backend or run.backend, device)
    say("drawing intervals")
    return replace(_result(run, split, part, evaluation, lists), thinking=thinking, timing=timed)


def _result(run: Run, split: Split, part: str, evaluation: Evaluation, lists: ListCounter) -> Analysis:
    rows, targets = split.rows(part), split.target(part)
    steps = {name: ranks for name, ranks in evaluation.excluded.items() if name not in UPPER_LIMITS}
    ndcg = {name: per_user(ranks)[GROUP_METRIC] for name, ranks in steps.items()}
    base, *_ = steps
    popularity = split.popularity[targets]
    return Analysis(
        run=str(run.path), facts=describe(run.config, run.data, part), part=part, users=evaluation.users,
        targets=len(rows), answer=evaluation.answer, base=base,
        excluded={name: mean_metrics(ranks) for name, ranks in evaluation.excluded.items()},
        kept={name: mean_metrics(ranks) for name, ranks in evaluation.kept.items()},
        gains=gains(evaluation, base, rows.user),
        group_metric=GROUP_METRIC, by_history_length=by_quarter(ndcg, rows.length, rows.user),
        by_popularity=by_quarter(ndcg, popularity, rows.user), moves=moves(steps), lists=lists.found(),
        target_popularity=float(popularity.mean()), thinking=None)


def gains(evaluation: Evaluation, base: str, users: np.ndarray) -> dict[str, dict[str, Figure]]:
    """Return the gain over the base of the answer, the oracle and the null oracle, by metric; {} without steps."""
    if ORACLE not in evaluation.excluded:
        return {}
    chosen = {ANSWER: evaluation.excluded[evaluation.answer], ORACLE_NAME: evaluation.excluded[ORACLE]}
    if NULL_ORACLE in evaluation.excluded:
        chosen[NULL_ORACLE] = evaluation.excluded[NULL_ORACLE]
    values = {name: per_user(ranks) for name, ranks in chosen.items()}
    start = per_user(evaluation.excluded[base])
    found = figures({(metric, name): own[metric] - start[metric] for metric in GAIN_METRICS
                     for name, own in values.items()}, users)
    return {metric: {name: found[metric, name] for name in values} for metric in GAIN_METRICS}
