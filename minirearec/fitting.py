"""Fit a model to a split, epoch by epoch. The training loop does it once, and for a refit a second time."""

import time
from collections.abc import Iterator

import numpy as np

from minirearec.config import Config
from minirearec.counts.followers import find_followers
from minirearec.data.batching import iterate, training_windows
from minirearec.data.splits import Split
from minirearec.engine import make_learner
from minirearec.errors import EvaluationError, RunError
from minirearec.events import BatchDone
from minirearec.memory import check_memory
from minirearec.runs.checkpoint import FIX, LAST, Checkpoint, Inside


class Fitting:
    """A model that is being fitted to a split; ``inside`` is the place in the current epoch."""

    def __init__(self, config: Config, split: Split, *, backend: str, device: str, features: np.ndarray | None):
        """Make a model with its initial weights. Raises ConfigError as ``make_learner`` does."""
        self.windows = training_windows(split.train_items, split.train_offsets, config.model.max_length,
                                        split.is_target, config.single_prefixes, config.model.first_items)
        check_memory(config, split.data.n_items, len(split.train_items),
                     float(self.windows.lengths.mean()) if config.single_prefixes else 1)
        self.learner = make_learner(config, split.data.n_items, backend, device, split.popularity, features,
                                    find_followers(config, split))
        self.config = self.learner.config  # with the precision chosen
        self.inside = Inside()

    def epoch(self, number: int) -> Iterator[BatchDone]:
        """Train from the place inside the epoch of this number to its end. Raises EvaluationError if it diverges."""
        inside, settings, learner = self.inside, self.config.training, self.learner
        began = time.perf_counter() - inside.seconds
        if not inside.batches:
            learner.start_epoch(number)
        order = np.random.default_rng([settings.seed, number])
        for batch in iterate(self.windows, settings.batch_positions, order, skip=inside.batches):
            done = number - 1 + inside.positions / self.windows.positions  # epochs
            loss, positions = learner.train_batch(batch, done), batch.positions
            if not np.isfinite(loss):
                raise EvaluationError(f"the loss of epoch {number} is {loss}", "training",
                                      "The model has diverged; try a smaller --learning-rate.")
            self.inside = inside = Inside(inside.batches + 1, inside.positions + positions,
                                          inside.loss + loss * positions, time.perf_counter() - began)
            yield BatchDone(number, inside.positions, inside.loss / inside.positions)

    def end_epoch(self) -> float:
        """Leave a finished epoch for the next one and return its mean loss."""
        loss = self.inside.loss / self.inside.positions
        self.inside = Inside()
        return loss

    def restore(self, checkpoint: Checkpoint, number: int) -> None:
        """Continue from a checkpoint, in the epoch of this number. Raises RunError when it does not fit."""
        try:
            self.learner.load_weights(checkpoint.weights)
            self.learner.load_moments(checkpoint.moments)
            if checkpoint.random is not None:
                self.learner.start_epoch(number)
                self.learner.load_random_state(checkpoint.random)
        except RunError as error:
            raise RunError(error.what, f"{LAST}.safetensors", error.fix or FIX) from error
        self.inside = checkpoint.inside
