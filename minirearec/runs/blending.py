"""Open a blend: a run, with other runs on the same data or with count models that are fitted to them."""

import os
from collections.abc import Sequence
from pathlib import Path

from minirearec.config import TRAIN, Config
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.counts.scorer import CountScorer
from minirearec.data.splits import Split, fitted_split
from minirearec.errors import ConfigError
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.scorers import Scorer
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer, same_data

THIS = "this run"


def open_blend(run: Run, others: Sequence[Path | str], split: Split, part: str = "test", device: str = "auto",
               backend: str | None = None) -> Blend:
    """Blend a run with others: directories of runs, ``counts`` or ``counts:NAME``.

    The weights are fitted to models that have not seen the validation part; after a refit, its models are blended with
    them. Count models have the settings of the data set. Raises ConfigError for parts that were not fitted on the same,
    or are given twice, and RunError for runs on other data.
    """
    opened: dict[str, Run | CountsConfig] = {THIS: run}
    for other in others:
        part_of_it = _open(run, str(other), split)
        if any(_same(part_of_it, one) for one in opened.values()):
            raise ConfigError(f"{other} is given twice", "--blend", "Give every part once.")
        opened[str(other) if Path(other).name in opened else Path(other).name] = part_of_it

    def load(part: str) -> dict[str, Scorer]:
        trained = fitted_split(split, run.config, part)
        return {name: load_scorer(one, device, backend, part) if isinstance(one, Run) else CountScorer.fit(trained, one)
                for name, one in opened.items()}

    return Blend.fit(load("valid"), split, None if run.config.fitted_on(part) == TRAIN else load(part))


def _same(one: Run | CountsConfig, other: Run | CountsConfig) -> bool:
    """Return whether two parts are the same run, or count alike."""
    if isinstance(one, Run) and isinstance(other, Run):
        return os.path.realpath(one.path) == os.path.realpath(other.path)
    return one == other


def _open(run: Run, other: str, split: Split) -> Run | CountsConfig:
    """Return another run, or the settings of a count model."""
    kind, _, name = other.partition(":")
    if kind == "counts":
        if (name or CountsConfig.counts) not in COUNTS:
            raise ConfigError(f"unknown count model {name!r}", "--blend", f"Choose one of: {', '.join(COUNTS)}.")
        return Config.for_data(split.data, counts=name or CountsConfig.counts).counting
    found = Run.open(Path(other))
    same_data(found, run.data.sha256)
    ours, theirs = run.config.fitted_on(), found.config.fitted_on()
    if ours != theirs:
        raise ConfigError(f"{run.path} was fitted on {ours}, {other} on {theirs}", "--blend",
                          "Blend runs that were fitted on the same.")
    return found
