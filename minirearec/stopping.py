"""Which epoch is the best, and when training ends: the metrics of validation decide."""

from minirearec.config import TrainingConfig
from minirearec.events import SELECTION, EpochDone
from minirearec.text import epochs as epochs_in_words


def best_epoch(epochs: list[EpochDone], metrics: dict[str, float]) -> int:
    """Return the best epoch of these and one more with these metrics; of equally good ones, the first."""
    best = epochs[epochs[-1].best_epoch - 1] if epochs else None
    return len(epochs) + 1 if best is None or metrics[SELECTION] > best.metrics[SELECTION] else best.epoch


def reason_to_stop(epochs: list[EpochDone], settings: TrainingConfig) -> str:
    """Return why training ends after these epochs; empty if it continues."""
    done = len(epochs)
    if done >= settings.epochs:
        return f"reached the limit of {epochs_in_words(settings.epochs)}"
    if done >= settings.most_epochs:
        return f"{epochs_in_words(settings.most_epochs)}, where the schedule ends"
    if done and done - epochs[-1].best_epoch >= settings.patience:
        return f"{epochs_in_words(settings.patience)} without a better validation {SELECTION}"
    return ""
