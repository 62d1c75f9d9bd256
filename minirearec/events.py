"""What happens in training, as events: the library yields them, the command line draws them."""

from dataclasses import dataclass

SELECTION = "NDCG@20"  # of the validation part, seen items excluded: it selects the best epoch


@dataclass(frozen=True)
class Started:
    """Training begins, or resumes after ``epoch`` finished epochs and perhaps inside the next one.

    With ``refit`` it is the second phase, on train and validation, for exactly ``epochs`` epochs.
    """

    epoch: int
    epochs: int
    positions: int  # training positions in an epoch
    done: int = 0  # positions of the next epoch that are done already
    seconds: float = 0.0  # the time they took
    refit: bool = False


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
class RefitEpochDone:
    """One epoch of a refit, which has no validation."""

    epoch: int
    loss: float
    seconds: float


@dataclass(frozen=True)
class Finished:
    """Training is over and the model has its best weights, or those of the refit. ``reason`` says why it ended."""

    epochs: int
    best_epoch: int
    reason: str


Event = Started | BatchDone | EpochDone | RefitEpochDone | Finished
