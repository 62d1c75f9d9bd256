"""Validation: its metrics select the best epoch and end training; see ``stopping``."""

from dataclasses import replace

from minirearec import processes
from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.scorers import Scorer


def validate(scorer: Scorer, split: Split, targets: int) -> dict[str, float]:
    """Return the metrics of ``targets`` validation targets (0: all); several processes rank a share of them each."""
    rows, count = split.valid.some(targets), processes.count()
    if count > 1 and len(rows) >= count:
        rows = rows.take(slice(processes.number(), None, count))
    metrics = evaluate(scorer, replace(split, valid=rows), "valid", only_answer=True).metrics()
    if count == 1:
        return metrics
    from minirearec.nn.distributed import mean_of_all

    return dict(zip(metrics, mean_of_all(list(metrics.values()), len(rows)), strict=True))
