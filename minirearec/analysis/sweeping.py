"""Train a grid of settings one after the other, each with several seeds; what is trained is never trained again."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.analysis.figures import Tables
from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.errors import RunError
from minirearec.evaluation.full_ranking import evaluate
from minirearec.events import BatchDone, EpochDone, Started
from minirearec.methods import METHODS
from minirearec.runs.directory import FEATURES, ITEMS, DataFacts, Run
from minirearec.runs.locks import release
from minirearec.runs.opening import same_data
from minirearec.training import Trainer

PROBE = 1.0  # seconds of training from which we estimate the time of a setting


@dataclass(frozen=True)
class Trial:
    """One run of a sweep: a point of the grid and a seed."""

    point: dict[str, Any]
    config: Config
    path: Path

    @property
    def name(self) -> str:
        """Return ``steps 2, alpha 1.2, seed 0``."""
        return f"{name_of(self.point)}, seed {self.config.training.seed}"


@dataclass(frozen=True)
class TrialDone:
    """A run of the sweep has its results; ``trained``: in this session."""

    number: int
    trial: Trial
    metrics: dict[str, float]
    seconds: float
    trained: bool


@dataclass(frozen=True)
class Point:
    """One setting of the grid: what varies, and the test metrics of the answer: means over seeds, and each seed's."""

    name: str
    settings: dict[str, Any]
    seeds: list[int]
    metrics: dict[str, float]
    by_seed: dict[str, list[float]]


@dataclass(frozen=True)
class SweepResult(Tables):
    """The table of a sweep."""

    data: dict[str, Any]
    points: list[Point]

    def records(self) -> list[dict[str, Any]]:
        """Return one row for each setting and seed."""
        names = list(dict.fromkeys(name for point in self.points for name in point.settings))
        return [{**{name: point.settings.get(name) for name in names}, "seed": seed,
                 **{metric: values[place] for metric, values in point.by_seed.items()}}
                for point in self.points for place, seed in enumerate(point.seeds)]


class Sweep:
    """A grid of runs in one folder.

    >>> sweep = Sweep(load("beauty"), grid({"steps": [0, 1, 2]}), "runs/steps", seeds=3, settings={"method": "rpe"})
    >>> for event in sweep.train(): ...
    >>> sweep.result()
    """

    def __init__(self, data: SequenceData, points: Sequence[dict[str, Any]], out: Path | str, *, seeds: int = 1,
                 settings: dict[str, Any] | None = None, device: str = "auto", backend: str = "torch",
                 threads: int | None = None):
        """Check every setting. Raises ConfigError for one that is wrong, or for a folder that holds other runs."""
        given = settings or {}
        first = given.get("seed", 0)
        self.data, self.device, self.backend, self.threads = data, device, backend, threads
        self.trials = []
        for seed in range(first, first + seeds):
            for point in points:
                chosen: dict[str, Any] = {**given, **point, "seed": seed}
                config = Config.for_data(data, **chosen)
                self.trials.append(Trial(point, config, Path(out) / f"{folder_of(point)}-seed{seed}"))
        for trial in self.trials:
            if (trial.path / "config.toml").exists():
                self._check(trial, Run.open(trial.path))

    def _check(self, trial: Trial, run: Run) -> None:
        same_data(run, self.data.sha256)
        own = run.config
        same = trial.config.replaced(feature_width=own.model.feature_width, precision=own.training.precision)
        if own != same or trial.config.training.precision not in ("auto", own.training.precision):
            raise RunError("holds a run with other settings", str(trial.path),
                           "Choose another folder with --out, or give the settings that the sweep began with.")

    def missing(self) -> list[Trial]:
        """Return the trials that have no results yet."""
        return [trial for trial in self.trials if not (trial.path / "results.json").exists()]

    def estimate(self) -> float:
        """Return how many seconds the missing runs take if none stops early: we train each setting for a second.

        Nothing is kept.
        """
        seconds, known = 0.0, {}
        for trial in self.missing():
            key = trial.config.replaced(seed=0)
            if key not in known:
                known[key] = self._time(trial.config)
            seconds += known[key]
        return seconds

    def _time(self, config: Config) -> float:
        """Return the seconds of all epochs of a setting, with their validation."""
        if not METHODS[config.objective.method].neural:
            return 0.0
        trainer, rates, before = Trainer(config, self.data, device=self.device, backend=self.backend), [], None
        positions = 0
        began = time.perf_counter()
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
        ranking = time.perf_counter() - began
        return config.training.most_epochs * (per_position * positions + ranking)

    def train(self) -> Iterator[tuple[Trial, BatchDone | EpochDone] | TrialDone]:
        """Train what is missing, one run after the other, and resume what was interrupted.

        Yields (trial, event) during training, and TrialDone for every run. Stopped at any moment, another Sweep with
        the same settings continues where it was.
        """
        for number, trial in enumerate(self.trials, 1):
            trained = not (trial.path / "results.json").exists()
            if trained:
                trainer = self._trainer(trial)
                for event in trainer.train():
                    if isinstance(event, BatchDone | EpochDone):
                        yield trial, event
                assert trainer.run is not None
                trainer.run.write_results(trainer.results(trainer.evaluate("test")))
            results = Run.open(trial.path).read_results()
            yield TrialDone(number, trial, answer_of(results), results["seconds"], trained)

    def _trainer(self, trial: Trial) -> Trainer:
        if (trial.path / "config.toml").exists():
            return Trainer.resume(Run.open(trial.path), self.data, device=self.device)
        release(trial.path, "env.json", ITEMS, f"{FEATURES}.safetensors")  # of a run that was killed as it began
        return Trainer(trial.config, self.data, device=self.device, backend=self.backend, out=trial.path,
                       threads=self.threads)

    def result(self) -> SweepResult:
        """Return the table, read from the results of the runs. Raises RunError when one is missing."""
        points: dict[str, list[Trial]] = {}
        for trial in self.trials:
            points.setdefault(name_of(trial.point), []).append(trial)
        found = []
        for name, trials in points.items():
            metrics = [answer_of(Run.open(trial.path).read_results()) for trial in trials]
            by_seed = {key: [own[key] for own in metrics] for key in metrics[0]}
            found.append(Point(name, trials[0].point, [trial.config.training.seed for trial in trials],
                               {key: float(np.mean(values)) for key, values in by_seed.items()}, by_seed))
        return SweepResult(asdict(DataFacts.of(self.data)), found)


def answer_of(results: dict) -> dict[str, float]:
    """Return the test metrics of a run's answer, seen items excluded."""
    return results["test"]["excluded"][results["test"]["answer"]]


def name_of(point: dict[str, Any]) -> str:
    """Return ``erl, steps 2``: a method is its own name."""
    return ", ".join(str(value) if name == "method" else f"{name.replace('_', '-')} {value}"
                     for name, value in point.items())


def folder_of(point: dict[str, Any]) -> str:
    """Return a name for the folder of a point: ``method-erl-steps-2``."""
    return re.sub(r"[^\w.-]+", "-", "-".join(f"{name}-{value}" for name, value in point.items()))
