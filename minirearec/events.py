"""What happens in training, as events: the library yields them, the command line draws them."""

from dataclasses import dataclass

SELECTION = "NDCG@20"  # of the validation part, seen items excluded: it selects the best epoch


@dataclass(frozen=True)
class Started:
    """Training begins, or resumes after ``epoch`` finished epochs and perhaps inside the next one."""

    epoch: int
    epochs: int
    positions: int  # training positions in an epoch
    done: int = 0  # positions of the next epoch that are done already
    seconds: float = 0.0  # the time they took


@dataclass(frozen=True)
class BatchDone:
    """One optimizer step: ``positions`` of the epoch's positions are done, ``loss`` is their mean loss."""

    epoch: int
    positions: int
    loss: float


@dataclass(frozen=True)
class EpochDone:
    """One epoch and its validation. ``best_epoch`` is the best epoch so far, including this one."""

    epoch: int
    loss: float
    metrics: dict[str, float]
    seconds: float
    best_epoch: int

    @property
    def improved(self) -> bool:
        return self.best_epoch == self.epoch


@dataclass(frozen=True)
class Finished:
    """Training is over and the model has its best weights. ``reason`` says why it ended."""

    epochs: int
    best_epoch: int
    reason: str


def reason_to_stop(epochs: list[EpochDone], limit: int, patience: int) -> str:
    """Return why training ends after these epochs; empty while it continues."""
    if len(epochs) >= limit:
        return f"reached the limit of {_count(limit)}"
    if epochs and len(epochs) - epochs[-1].best_epoch >= patience:
        return f"{_count(patience)} without a better validation {SELECTION}"
    return ""


def _count(epochs: int) -> str:
    return f"{epochs} epoch{'s' * (epochs != 1)}"
