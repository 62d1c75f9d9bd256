"""Small runs that several tests train."""

from minirearec.training import BatchDone

SMALL = {"width": 16, "inner_width": 16, "layers": 1, "batch_positions": 200, "learning_rate": 0.005,
         "warmup_epochs": 1}


def finish(trainer):
    """Train to the end and return all events except those of batches."""
    return [event for event in trainer.train() if not isinstance(event, BatchDone)]


def without_time(events):
    """Return events as dicts without times, so that repetitions are equal."""
    return [{**vars(event), "seconds": 0} for event in events]
