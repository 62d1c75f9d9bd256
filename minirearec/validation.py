"""Validation: it selects the best epoch and ends training."""

from dataclasses import replace

from minirearec import processes
from minirearec.config import TrainingConfig
from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.scorers import Scorer
from minirearec.events import EpochDone

SELECTION = "NDCG@20"  # of the validation part, seen items excluded


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


def best_epoch(epochs: list[EpochDone], metrics: dict[str, float]) -> int:
    """Return the best epoch of these and one more with these metrics; of equally good ones, the first."""
    best = epochs[epochs[-1].best_epoch - 1] if epochs else None
    return len(epochs) + 1 if best is None or metrics[SELECTION] > best.metrics[SELECTION] else best.epoch


def reason_to_stop(epochs: list[EpochDone], settings: TrainingConfig) -> str:
    """Return why training ends after these epochs; empty if it continues."""
    done = len(epochs)
    if done >= settings.epochs:
        return f"reached the limit of {_epochs(settings.epochs)}"
    if done and done - epochs[-1].best_epoch >= settings.patience:
        return f"{_epochs(settings.patience)} without a better validation {SELECTION}"
    return ""


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"
