"""Conduct a study: train what is missing, choose on validation, and keep a line of results for every run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.analysis.sweeping import folder_of
from minirearec.analysis.trials import Machine, Trial, TrialDone, seconds_for
from minirearec.config import TRAIN, TRAIN_AND_VALIDATION, Config
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, RunError
from minirearec.events import BatchDone, EpochDone
from minirearec.methods import METHODS
from minirearec.runs.blending import sums_of
from minirearec.runs.locks import lock, refuse_run
from minirearec.studies.plan import Row, Study
from minirearec.studies.results import Results, validation
from minirearec.studies.working import at_a_time, work
from minirearec.text import epochs

USUAL = 30  # epochs after which early stopping usually ends a run on Beauty; those of finished runs take its place

ANY = Machine()


class Conducting:
    """The work of a study in one folder.

    >>> work = Conducting(PRESETS["ladder"](), load("beauty"), "runs/ladder", seeds=3)
    >>> for event in work.train(): ...
    >>> result(work)
    """

    def __init__(self, study: Study, data: SequenceData, out: Path | str, *, seeds: int = 3,
                 settings: dict[str, Any] | None = None, machine: Machine = ANY, jobs: int = 1):
        """Check every setting. ``settings``: further ones of all rows, which may set the first seed.

        Raises ConfigError for one that is wrong, and RunError for results that cannot be read.
        """
        refuse_run(Path(out))
        given = settings or {}
        first = given.get("seed", 0)
        if jobs > 1 and machine.threads is None:
            machine = replace(machine, threads=max(1, (os.cpu_count() or 1) // jobs))
        self.study, self.data, self.out, self.machine, self.jobs = study, data, Path(out), machine, jobs
        self.seeds, self.given = range(first, first + seeds), {**study.common, **given}
        sums = sums_of(study.blend, data, TRAIN_AND_VALIDATION if self.given.get("refit") else TRAIN)
        self.results = Results(self.out, data, study.blend, study.halts, sums)
        self.trials()

    def config(self, settings: dict[str, Any], seed: int) -> Config:
        """Return the settings of a run. Counting draws nothing: all seeds have the run of the first."""
        chosen: dict[str, Any] = {**self.given, **settings, "seed": seed}
        config = Config.for_data(self.data, **chosen)
        return config if METHODS[config.objective.method].neural else config.replaced(seed=self.seeds[0])

    def chosen(self, row: Row) -> dict[str, Any] | None:
        """Return the variant of a row that is best on validation with the first seed; None if one is not trained."""
        if len(row.variants) == 1:
            return row.variants[0]
        found = [self.results.lines.get(self.config({**row.settings, **variant}, self.seeds[0]))
                 for variant in row.variants]
        if not all(found):
            return None
        return row.variants[int(np.argmax([validation(line) for line in found if line]))]

    def rows(self) -> list[Row]:
        """Return the rows of the study and the combined one, as soon as validation says what helped."""
        combined = self._combined() if self.study.combined else None
        return [*self.study.rows, *([combined] if combined else [])]

    def _combined(self) -> Row | None:
        """Return the first row with all settings that helped on validation: of those that exclude each other the best.

        None before all rows are trained, and if nothing helped.
        """
        means = {row.name: self.mean_validation(row) for row in self.study.rows}
        if None in means.values():
            return None
        settings = {row.name: {**row.settings, **(self.chosen(row) or {})} for row in self.study.rows}
        first, *others = self.study.rows
        merged: dict[str, Any] = {}
        for row in sorted(others, key=lambda row: means[row.name] - means[self.study.base_of(row)], reverse=True):
            own, base = settings[row.name], settings[self.study.base_of(row)]
            more = {name: value for name, value in own.items() if base.get(name) != value and name not in merged}
            if means[row.name] > means[self.study.base_of(row)] and self._fit(settings[first.name], merged, more):
                merged |= more
        return Row(self.study.combined, {**settings[first.name], **merged}) if merged else None

    def _fit(self, *settings: dict[str, Any]) -> bool:
        """Return whether settings make a neural model together."""
        try:
            config = self.config({name: value for one in settings for name, value in one.items()}, self.seeds[0])
        except ConfigError:
            return False
        return METHODS[config.objective.method].neural

    def lines(self, row: Row) -> dict[int, dict[str, Any]]:
        """Return the results of a row's chosen variant by seed, as far as they are there."""
        variant = self.chosen(row)
        if variant is None:
            return {}
        found = {seed: self.results.lines.get(self.config({**row.settings, **variant}, seed)) for seed in self.seeds}
        return {seed: line for seed, line in found.items() if line}

    def mean_validation(self, row: Row) -> Any:
        """Return the mean validation metric of a row over its seeds; None if one is not trained."""
        lines = self.lines(row)
        return np.mean([*map(validation, lines.values())]) if len(lines) == len(self.seeds) else None

    def trials(self) -> list[Trial]:
        """Return all runs of the study, as far as validation has chosen them."""
        found: dict[Config, Trial] = {}
        for row in self.rows():
            variant = self.chosen(row)
            wanted = [(one, self.seeds[0]) for one in row.variants] if len(row.variants) > 1 else []
            wanted += [] if variant is None else [(variant, seed) for seed in self.seeds]
            for one, seed in wanted:
                config = self.config({**row.settings, **one}, seed)
                name = ", ".join([row.name, *(f"{key.replace('_', '-')} {value}" for key, value in one.items())])
                folder = f"{folder_of({'row': row.name, **one})}-seed{seed}"
                found.setdefault(config, Trial(name, config, self.out / "training" / folder))
        if len({trial.path for trial in found.values()}) < len(found):
            raise ConfigError("two rows have names that give one folder", self.study.name,
                              "Choose names that differ in letters or digits.")
        return list(found.values())

    @property
    def total(self) -> int:
        """Return how many runs the study has, with those that validation has not chosen yet."""
        later = sum(len(self.seeds) - 1 for row in self.study.rows if self.chosen(row) is None)
        waits = bool(self.study.combined) and any(self.mean_validation(row) is None for row in self.study.rows)
        return len(self.trials()) + later + waits * len(self.seeds)

    def missing(self) -> list[Trial]:
        """Return the runs without results that are known by now: validation may choose further ones."""
        return [trial for trial in self.trials() if trial.config not in self.results.lines]

    @property
    def done(self) -> int:
        """Return how many runs have their results."""
        return sum(trial.config in self.results.lines for trial in self.trials())

    @property
    def usual(self) -> float:
        """Return the mean number of epochs of finished runs, or else ``USUAL``, within the limit of the settings."""
        epochs = [line["epochs"] for line in self.results.lines.values() if line["epochs"]]
        limit = self.config(self.study.rows[0].settings, self.seeds[0]).training.most_epochs
        return min(float(np.mean(epochs)) if epochs else USUAL, limit)

    @property
    def assumption(self) -> str:
        """Return what the estimate assumes."""
        return f"with {epochs(round(self.usual))} each"

    def estimate(self) -> float:
        """Return the seconds that the rest takes with the usual number of epochs; we time each setting for a second."""
        known: dict[Config, float] = {}
        seconds = []
        for trial in self.missing():
            key = trial.config.replaced(seed=0)
            if key not in known:
                known[key] = seconds_for(self.usual, key, self.data, self.machine)
            seconds.append(known[key])
        later = self.total - len(self.trials())
        return (sum(seconds) + later * float(np.mean(seconds or [0.0]))) / self.jobs

    def train(self) -> Iterator[tuple[Trial, BatchDone | EpochDone] | TrialDone]:
        """Train what is missing, ``jobs`` runs at a time, and resume what was interrupted.

        Yields (trial, event) during training when there is one job, and TrialDone for every run. Raises RunError when
        another process works in the folder.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make this folder ({error.strerror})", str(self.out),
                           "Choose one you may write to with --out.") from error
        file = lock(self.out, "another process works on this study")
        try:
            done = [trial for trial in self.trials() if trial.config in self.results.lines]
            for number, trial in enumerate(done, 1):
                self._discard(trial)  # of a process that was killed before it could
                yield self._done(number, trial, trained=False)
            number = len(done)
            while missing := self.missing():
                for event in self._parallel(missing) if self.jobs > 1 else self._in_turn(missing):
                    number += isinstance(event, Trial)
                    yield self._done(number, event, trained=True) if isinstance(event, Trial) else event
        finally:
            os.close(file)

    def _done(self, number: int, trial: Trial, trained: bool) -> TrialDone:
        line = self.results.lines[trial.config]
        return TrialDone(number, trial, "valid", line["valid"][line["answer"]], line["seconds"], trained)

    def _in_turn(self, missing: list[Trial]) -> Iterator[tuple[Trial, BatchDone | EpochDone] | Trial]:
        for trial in missing:
            for event in work(trial, self.data, self.machine, self.study.blend, self.study.halts):
                if isinstance(event, dict):
                    self._keep(trial, event)
                    yield trial
                else:
                    yield trial, event

    def _parallel(self, missing: list[Trial]) -> Iterator[Trial]:
        """Train in processes of their own."""
        assert self.machine.threads is not None
        given = [(trial, self.data, self.machine, self.study.blend, self.study.halts) for trial in missing]
        for number, line in at_a_time(self.jobs, given, self.machine.threads, self.out):
            self._keep(missing[number], line)
            yield missing[number]

    def _keep(self, trial: Trial, line: dict[str, Any]) -> None:
        """Write the results of a run and throw the run away."""
        self.results.add(trial.name, trial.config, line)
        self._discard(trial)

    def _discard(self, trial: Trial) -> None:
        shutil.rmtree(trial.path, ignore_errors=True)
        with suppress(OSError):
            trial.path.parent.rmdir()  # the last one
