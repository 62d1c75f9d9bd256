"""Open a blend: a run, with other runs on the same data or with count models that are fitted to them."""

import os
from collections.abc import Sequence
from pathlib import Path

from minirearec.config import TRAIN, Config
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.counts.scorer import CountScorer
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, fitted_split
from minirearec.errors import ConfigError, RunError
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.scorers import Scorer
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer

THIS = "this run"


def open_blend(run: Run, others: Sequence[Path | str], split: Split, part: str = "test", device: str = "auto",
               backend: str | None = None) -> Blend:
    """Blend a run with others: directories of runs, ``counts`` or ``counts:NAME``.

    The weights are fitted to models that have not seen the validation part; after a refit, its models are blended with
    them. Count models have the settings of the data set. Raises ConfigError for parts that were not fitted on the same,
    or are given twice, and RunError for runs on other data.
    """
    found = _parts(others, split.data, run.config.fitted_on(), str(run.path), run)
    opened: dict[str, Run | CountsConfig] = {THIS: run}
    for other, part_of_it in zip(others, found, strict=True):
        opened[str(other) if Path(other).name in opened else Path(other).name] = part_of_it

    def load(part: str) -> dict[str, Scorer]:
        trained = fitted_split(split, run.config, part)
        return {name: load_scorer(one, device, backend, part) if isinstance(one, Run) else CountScorer.fit(trained, one)
                for name, one in opened.items()}

    return Blend.fit(load("valid"), split, None if run.config.fitted_on(part) == TRAIN else load(part))


def sums_of(others: Sequence[Path | str], data: SequenceData, fitted_on: str) -> dict[str, str]:
    """Check what models that do not exist yet will be blended with; return the sha256 of the results of each run.

    Raises as ``open_blend`` does, and RunError for a run that has not finished.
    """
    found = _parts(others, data, fitted_on, "each row")
    return {str(other): part.read_results().get("sha256", "")
            for other, part in zip(others, found, strict=True) if isinstance(part, Run)}


def _parts(others: Sequence[Path | str], data: SequenceData, fitted_on: str, ours: str,
           *known: Run) -> list[Run | CountsConfig]:
    """Return the other parts of a blend: runs, and the settings of count models."""
    found: list[Run | CountsConfig] = []
    for other in others:
        part = _open(str(other), data, fitted_on, ours)
        if any(_same(part, one) for one in (*known, *found)):
            raise ConfigError(f"{other} is given twice", "--blend", "Give every part once.")
        found.append(part)
    return found


def _same(one: Run | CountsConfig, other: Run | CountsConfig) -> bool:
    """Return whether two parts are the same run, or count alike."""
    if isinstance(one, Run) and isinstance(other, Run):
        return os.path.realpath(one.path) == os.path.realpath(other.path)
    return one == other


def _open(other: str, data: SequenceData, fitted_on: str, ours: str) -> Run | CountsConfig:
    """Return a run, or the settings of a count model."""
    kind, _, name = other.partition(":")
    if kind == "counts":
        if (name or CountsConfig.counts) not in COUNTS:
            raise ConfigError(f"unknown count model {name!r}", "--blend", f"Choose one of: {', '.join(COUNTS)}.")
        return Config.for_data(data, counts=name or CountsConfig.counts).counting
    found = Run.open(Path(other))
    if found.data.sha256 != data.sha256:
        raise RunError(f"trained on {found.data.name} with sha256 {found.data.sha256[:12]}..., and the others on "
                       f"{data.name} with {data.sha256[:12]}...", str(found.path), "Blend runs on the same data.")
    if found.config.fitted_on() != fitted_on:
        raise ConfigError(f"{ours} was fitted on {fitted_on}, {other} on {found.config.fitted_on()}", "--blend",
                          "Blend runs that were fitted on the same.")
    return found
