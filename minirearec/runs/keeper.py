"""Keep a run while it trains: hold its lock, write its checkpoints, and read the last one to resume from."""

import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from minirearec.errors import RunError
from minirearec.methods import METHODS
from minirearec.runs.checkpoint import BEST, FIX, LAST, REFIT, Checkpoint
from minirearec.runs.directory import Run
from minirearec.runs.locks import lock
from minirearec.weights import check_fit, starts_of

SAVE_EVERY = 60.0  # seconds between checkpoints inside an epoch
LONG_SAVE = 3.0  # seconds; checkpoints that take longer come less often: by default they take a twentieth of the time


class Keeper:
    """The files of a run in training. The checkpoint is the truth; what else is written follows from it."""

    def __init__(self, run: Run, save_every: float = SAVE_EVERY, reads_only: bool = False):
        """Lock the run, unless another process of the same training keeps it and this one ``reads_only``."""
        self.run, self.save_every, self.reads_only = run, save_every, reads_only
        self.saved = 0, 0  # on the disk: finished epochs of this phase, and positions of the next one
        self._unwritten: Checkpoint | None = None
        if not reads_only:
            self.lock()

    def lock(self) -> None:
        """Lock the run until ``unlock``, or until this object is gone. Raises RunError if another process trains it."""
        self._close = weakref.finalize(self, os.close, lock(self.run.path))
        self._written, self._took = time.monotonic(), 0.0

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Hold the lock while a training runs, and begin with the checkpoint whose writing did not end, if any."""
        if not self.locked:
            self.lock()
        this = self._newest = object()
        try:
            self._catch_up()
            yield
        finally:
            if self._newest is this:  # an interrupted training may be closed after the next one began
                self.unlock()

    def unlock(self) -> None:
        """Let others train the run."""
        if not self.reads_only:
            self._close()

    @property
    def locked(self) -> bool:
        return self._close.alive

    @property
    def due(self) -> bool:
        """Return whether the last checkpoint is older than ``save_every`` seconds, or more if it took long to write."""
        return time.monotonic() - self._written >= self.save_every * max(1, self._took / LONG_SAVE)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, and after an epoch what others read: the metrics and the best weights."""
        began = time.monotonic()
        self._unwritten = checkpoint
        self._catch_up()
        self._written = time.monotonic()
        self._took = self._written - began

    def _catch_up(self) -> None:
        """Write the checkpoint that is not on the disk yet, if there is one. Training continues only after that."""
        if self._unwritten is not None:
            self._unwritten.save(self.run)
            self.saved = self._unwritten.finished, self._unwritten.inside.positions
            self.publish(self._unwritten)
            self._unwritten = None

    def publish(self, checkpoint: Checkpoint) -> None:
        """Write best.safetensors and metrics.jsonl after an epoch, or refit.safetensors after the last one of a refit.

        After a crash between these files and the checkpoint, write them again.
        """
        if checkpoint.inside.batches:
            return
        if checkpoint.refitted is not None:
            if checkpoint.finished == checkpoint.epochs[-1].best_epoch:
                self.run.save_tensors(REFIT, checkpoint.weights, {"epoch": checkpoint.finished})
            return
        if checkpoint.epochs[-1].improved:
            self.run.save_tensors(BEST, checkpoint.weights, {"epoch": len(checkpoint.epochs)})
        self.run.write_metrics(checkpoint.epochs)

    def load(self) -> tuple[Checkpoint | None, dict[str, np.ndarray] | None]:
        """Return the last checkpoint and the weights of the best epoch so far; None before the first one.

        Raises RunError for weights that cannot be trained further, and for damaged or missing files.
        """
        if not METHODS[self.run.config.objective.method].neural:
            return None, None  # counting takes one pass
        checkpoint = Checkpoint.load(self.run)
        if checkpoint is None:
            self._refuse_weights_alone()
            return None, None
        self._check_fit(checkpoint.weights, LAST)
        self.saved = checkpoint.finished, checkpoint.inside.positions
        if not checkpoint.epochs:
            return checkpoint, None
        newest_is_best = checkpoint.refitted is None and not checkpoint.inside.batches \
            and checkpoint.epochs[-1].improved
        if newest_is_best and not self.run.has(f"{BEST}.safetensors"):
            return checkpoint, checkpoint.weights  # a crash came between the two files
        best, facts = self.run.load_tensors(BEST)
        if newest_is_best:
            return checkpoint, checkpoint.weights  # the same, or best.safetensors is older for the same reason
        self._check_fit(best, BEST)
        if facts.get("epoch") != checkpoint.epochs[-1].best_epoch:
            raise RunError(f"is from epoch {facts.get('epoch')!r}, but {LAST}.safetensors says that epoch "
                           f"{checkpoint.epochs[-1].best_epoch} is the best",
                           str(self.run.path / f"{BEST}.safetensors"), "The file was replaced; train again.")
        return checkpoint, best

    def _check_fit(self, weights: dict[str, np.ndarray], name: str) -> None:
        check_fit(weights, starts_of(self.run.config, self.run.data.items),
                  str(self.run.path / f"{name}.safetensors"), "The run is damaged; train again.")

    def _refuse_weights_alone(self) -> None:
        """Raise RunError if the run has weights but nothing to resume from: training would overwrite them."""
        if not self.run.has(f"{BEST}.safetensors"):
            return
        if self.run.load_tensors(BEST)[1].get("epoch") == 0:
            raise RunError("holds an imported model, which has no training to resume", str(self.run.path),
                           f"Use it: minirearec evaluate {self.run.path}. To train, start a new run.")
        raise RunError(f"{LAST}.safetensors is missing, so training cannot be resumed", str(self.run.path),
                       FIX.partition("; ")[2])
