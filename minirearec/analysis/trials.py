"""Trials: runs that belong together, of a sweep or a study. Train one, resume it, and time its epochs beforehand."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.engine import with_features
from minirearec.errors import RunError
from minirearec.evaluation.full_ranking import evaluate
from minirearec.events import BatchDone, EpochDone, Started
from minirearec.methods import METHODS
from minirearec.runs.directory import FEATURES, ITEMS, Run
from minirearec.runs.locks import release
from minirearec.runs.opening import same_data
from minirearec.training import Trainer

PROBE = 1.0  # seconds of training from which we estimate the time of an epoch


@dataclass(frozen=True)
class Machine:
    """What trials train on; ``threads``: for PyTorch, when they were chosen."""

    device: str = "auto"
    backend: str = "torch"
    threads: int | None = None


@dataclass(frozen=True)
class Trial:
    """One run: a setting by name, with a seed."""

    setting: str
    config: Config
    path: Path

    @property
    def name(self) -> str:
        """Return ``steps 2, alpha 1.2, seed 0``."""
        return f"{self.setting}, seed {self.config.training.seed}"

    def check(self, data: SequenceData, machine: "Machine | None" = None,
              weights: dict[str, np.ndarray] | None = None) -> None:
        """Raise RunError when the folder holds a run on other data, or with other settings, features or backend.

        ``weights``: those that the run has to start from, if any.
        """
        if not (self.path / "config.toml").exists():
            return
        run = Run.open(self.path)
        same_data(run, data.sha256)
        own = run.config
        same = self.config.replaced(feature_width=own.model.feature_width, precision=own.training.precision)
        if own != same or self.config.training.precision not in ("auto", own.training.precision):
            raise RunError("holds a run with other settings", str(self.path),
                           "Choose another folder with --out, or give the settings that it began with.")
        if machine is not None and machine.backend != run.backend:
            raise RunError(f"holds a run trained with {run.backend}", str(self.path),
                           f"Choose another folder with --out, or --backend {run.backend}.")
        features, before = with_features(own, data)[1], run.read_features()
        if features is not None and before is not None and not np.array_equal(features, before):
            raise RunError("holds a run with other features of the items", str(self.path),
                           "Choose another folder with --out, or make the features that it began with again.")
        start, wanted = run.read_start() or {}, weights or {}
        if start.keys() != wanted.keys() or not all(np.array_equal(start[name], wanted[name]) for name in start):
            raise RunError("holds a run that began with other weights", str(self.path), "Choose another folder with "
                           "--out, or start from what it began with (train --from).")

    def train(self, data: SequenceData, machine: Machine) -> Iterator[BatchDone | EpochDone]:
        """Train the run, or resume it, and write its test results."""
        trainer = self._trainer(data, machine)
        for event in trainer.train():
            if isinstance(event, BatchDone | EpochDone):
                yield event
        assert trainer.run is not None
        trainer.run.write_results(trainer.results(trainer.evaluate("test")))

    def _trainer(self, data: SequenceData, machine: Machine) -> Trainer:
        if (self.path / "config.toml").exists():
            return Trainer.resume(Run.open(self.path), data, device=machine.device)
        release(self.path, "env.json", ITEMS, f"{FEATURES}.safetensors")  # of a run that was killed as it began
        return Trainer(self.config, data, device=machine.device, backend=machine.backend, out=self.path,
                       threads=machine.threads)


@dataclass(frozen=True)
class TrialDone:
    """A trial has its results; ``trained``: in this session. ``metrics`` are of the answer, on the part."""

    number: int
    trial: Trial
    part: str
    metrics: dict[str, float]
    seconds: float
    trained: bool


def seconds_for(epochs: float, config: Config, data: SequenceData, machine: Machine) -> float:
    """Return how many seconds so many epochs take; a refit takes as many again, if the last one is the best."""
    return (1 + config.training.refit) * epochs * epoch_seconds(config, data, machine)


def epoch_seconds(config: Config, data: SequenceData, machine: Machine) -> float:
    """Return how many seconds an epoch takes with its validation: we train for a second. Nothing is kept."""
    if not METHODS[config.objective.method].neural:
        return 0.0
    trainer, rates, before = Trainer(config, data, device=machine.device, backend=machine.backend), [], None
    positions, began = 0, time.perf_counter()
    for event in trainer.train():
        now = time.perf_counter()
        if isinstance(event, Started):
            positions = event.positions
        if isinstance(event, BatchDone):  # the first batch warms up, and does not count
            rates += [] if before is None else [(now - before[0]) / (event.positions - before[1])]
            before = now, event.positions
        if isinstance(event, EpochDone) or (now - began > PROBE and rates):
            break
    per_position = float(np.median(rates)) if rates else (time.perf_counter() - began) / positions
    began = time.perf_counter()
    assert trainer.scorer is not None
    evaluate(trainer.scorer, trainer.split, "valid", only_answer=True)
    return per_position * positions + time.perf_counter() - began
