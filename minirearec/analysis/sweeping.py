"""Train a grid of settings one after the other, each with several seeds; what is trained is never trained again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.analysis.figures import Tables
from minirearec.analysis.trials import Machine, Trial, TrialDone, seconds_for
from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.events import BatchDone, EpochDone
from minirearec.runs.directory import DataFacts, Run
from minirearec.runs.locks import refuse_run


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
        refuse_run(Path(out))
        given = settings or {}
        first = given.get("seed", 0)
        self.data, self.machine = data, Machine(device, backend, threads)
        self.points, self.trials = {name_of(point): point for point in points}, []
        for seed in range(first, first + seeds):
            for name, point in self.points.items():
                chosen: dict[str, Any] = {**given, **point, "seed": seed}
                config = Config.for_data(data, **chosen)
                self.trials.append(Trial(name, config, Path(out) / f"{folder_of(point)}-seed{seed}"))
        for trial in self.trials:
            trial.check(data, self.machine)

    assumption = "if none stops early"  # of the estimate

    @property
    def total(self) -> int:
        """Return how many runs the sweep has."""
        return len(self.trials)

    @property
    def done(self) -> int:
        """Return how many of them have their results."""
        return self.total - len(self.missing())

    def missing(self) -> list[Trial]:
        """Return the trials that have no results yet."""
        return [trial for trial in self.trials if not (trial.path / "results.json").exists()]

    def estimate(self) -> float:
        """Return how many seconds the missing runs take if none stops early."""
        seconds, known = 0.0, {}
        for trial in self.missing():
            key = trial.config.replaced(seed=0)
            if key not in known:
                known[key] = seconds_for(key.training.most_epochs, key, self.data, self.machine)
            seconds += known[key]
        return seconds

    def train(self) -> Iterator[tuple[Trial, BatchDone | EpochDone] | TrialDone]:
        """Train what is missing, one run after the other, and resume what was interrupted.

        Yields (trial, event) during training, and TrialDone for every run. Stopped at any moment, another Sweep with
        the same settings continues where it was.
        """
        for number, trial in enumerate(self.trials, 1):
            trained = not (trial.path / "results.json").exists()
            if trained:
                yield from ((trial, event) for event in trial.train(self.data, self.machine))
            results = Run.open(trial.path).read_results()
            yield TrialDone(number, trial, "test", answer_of(results), results["seconds"], trained)

    def result(self) -> SweepResult:
        """Return the table, read from the results of the runs. Raises RunError when one is missing."""
        points: dict[str, list[Trial]] = {}
        for trial in self.trials:
            points.setdefault(trial.setting, []).append(trial)
        found = []
        for name, trials in points.items():
            metrics = [answer_of(Run.open(trial.path).read_results()) for trial in trials]
            by_seed = {key: [own[key] for own in metrics] for key in metrics[0]}
            found.append(Point(name, self.points[name], [trial.config.training.seed for trial in trials],
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
