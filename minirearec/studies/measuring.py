"""Measure a finished run: everything that the tables of a study need of it."""

from typing import Any

import numpy as np

from minirearec.analysis.depth import HALT, METRIC, Depth, halting
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, fitted_split, make_split
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.full_ranking import ORACLE, UPPER_LIMITS, evaluate
from minirearec.evaluation.gate import FittedGate
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.ranking import Ranks
from minirearec.events import SELECTION
from minirearec.methods import METHODS
from minirearec.runs.blending import open_blend
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer, load_thinkers
from minirearec.studies.results import packed


def measure(run: Run, data: SequenceData, device: str = "auto", blend: tuple[str, ...] = (),
            halts: bool = False) -> dict[str, Any]:
    """Return what the line of a finished run says: metrics of all its rows, seen items excluded, and the test ranks.

    Rows are the answer, every step and the oracle; on test also the null oracle and, with ``blend``, the blend. With
    ``halts`` a model that thinks has the rows of the halting policies and of the fitted gate, see ``halted``.
    """
    split, config, results = make_split(data), run.config, run.read_results()
    valid = evaluate(load_scorer(run, device, part="valid"), split, "valid", null=False)
    scorer, trained = load_scorer(run, device), fitted_split(split, config)
    blends = blend and METHODS[config.objective.method].neural
    found = evaluate(open_blend(run, blend, split, device=device) if blends else scorer, trained)
    kept = {*UPPER_LIMITS, Blend.blend.name, *(row.name for row in scorer.rows)}  # not the other parts of a blend
    ranks = {row: one for row, one in found.excluded.items() if row in kept}
    on_valid, ways = {row: mean_metrics(one) for row, one in valid.excluded.items()}, None
    if halts and config.model.steps:
        more, ways = halted(run, split, trained, device)
        ranks |= more
    epochs = run.read_metrics() if run.has("metrics.jsonl") else []
    line = {"answer": scorer.answer.name, "steps": [row.name for row in scorer.rows if row.step is not None],
            "epochs": results["epochs"], "best_epoch": results["best_epoch"], "seconds": results["seconds"],
            "epoch_seconds": float(np.median([epoch.seconds for epoch in epochs])) if epochs else None,
            "curve": [epoch.metrics[SELECTION] for epoch in epochs], "valid": on_valid,
            "test": {row: mean_metrics(one) for row, one in ranks.items()}, "ways": {},
            "ranks": {row: packed(one) for row, one in ranks.items() if row != ORACLE}}
    return line if ways is None else with_ways(line, ways)


def halted(run: Run, split: Split, trained: Split, device: str) -> tuple[dict[str, Ranks], Depth]:
    """Return the ranks of the best halting policy and of a gate, both fitted on validation, and every policy."""
    first, final = load_thinkers(run, device)
    evaluation, ways = halting(first, split, "test", final, trained)
    gate = FittedGate.fit(first, split, final)
    gated = evaluate(gate, trained, null=False).excluded[gate.gate.name]
    return {HALT: evaluation.excluded[HALT], gate.gate.name: gated}, ways


def with_ways(line: dict[str, Any], found: Depth) -> dict[str, Any]:
    """Return a line with the mean depth and the time of every fixed depth and policy, and the policies' metrics."""
    policies = {one.name: one for one in found.ways if one.policy}
    with_best = {**policies, HALT: policies[found.chosen]}
    named = {**dict(zip(line["steps"], found.ways, strict=False)), **with_best}  # fixed depths come first
    return {**line,
            "ways": {name: {"depth": one.depth, "milliseconds": one.milliseconds} for name, one in named.items()},
            "valid": {**line["valid"], **{name: {METRIC: one.valid} for name, one in with_best.items()}},
            "test": {**line["test"], **{name: one.metrics for name, one in policies.items()}}}
