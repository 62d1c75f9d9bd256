"""Compare runs: which differences are larger than chance among users explains?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.analysis.figures import Figure, Tables
from minirearec.analysis.pictures import Picture, draw
from minirearec.config import Config
from minirearec.data.features.features import values_sha256
from minirearec.data.files.remote import file_sha256
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.errors import ConfigError, RunError
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.metrics import CUTOFFS, METRICS, MIDDLE, bootstrap_means, per_user
from minirearec.methods import METHODS
from minirearec.runs.directory import START, DataFacts, Run
from minirearec.runs.opening import load_data, load_scorer

METRIC = "NDCG@20"
LEVEL = 0.05
SAME = "no difference can be claimed"
FEWEST, TOO_FEW = 30, "too few users to say"  # with fewer, a bootstrap claims differences that are not there
DRAWS = 50  # of the bootstrap for each difference: with fewer, no p-value is small enough after Holm's correction


@dataclass(frozen=True)
class Setting:
    """Runs that differ only in their seed: ``metrics`` are means over the seeds, ``by_seed`` the compared metric.

    ``draws``: whether a seed changes anything.
    """

    name: str
    runs: list[str]
    seeds: list[int]
    metrics: dict[str, float]
    by_seed: list[float]
    draws: bool = True


@dataclass(frozen=True)
class Difference:
    """A setting minus the first one. ``holm`` is the p-value after Holm's correction for all differences."""

    name: str
    difference: Figure
    p: float
    holm: float
    verdict: str

    @property
    def claimed(self) -> bool:
        """Return whether the difference is larger than chance among users explains."""
        return self.verdict not in (SAME, TOO_FEW)


@dataclass(frozen=True)
class Comparison(Tables):
    """What ``compare`` found: every setting, and how all others differ from the first."""

    data: dict[str, Any]
    part: str
    users: int
    targets: int
    metric: str
    settings: list[Setting]
    differences: list[Difference]

    def records(self) -> list[dict[str, Any]]:
        """Return one row for each setting, with its difference from the first."""
        found = {one.name: one for one in self.differences}
        return [{"setting": one.name, "seeds": len(one.seeds), **one.metrics,
                 **(_change(found[one.name]) if one.name in found else dict.fromkeys(CHANGE))} for one in self.settings]

    def picture(self) -> Picture:
        """Return what a picture of the differences shows."""
        return Picture(f"Difference of {self.metric} from {self.settings[0].name}", "",
                       {one.name: {self.metric: one.difference} for one in self.differences})

    def plot(self, axes=None):
        """Draw the differences with their intervals, into ``axes`` or a new figure, and return the axes."""
        return draw([self.picture()], None if axes is None else [axes])[0]


CHANGE = ("difference", "low", "high", "p", "holm", "verdict")


def _change(one: Difference) -> dict[str, Any]:
    figure = one.difference
    return dict(zip(CHANGE, (figure.value, figure.low, figure.high, one.p, one.holm, one.verdict), strict=True))


def compare(*runs: Run | Path | str, part: str = "test", metric: str = METRIC, data_dir: Path | str | None = None,
            data: SequenceData | None = None, device: str = "auto",
            say: Callable[[str], None] = lambda doing: None) -> Comparison:
    """Compare the answers of runs with the first one, target by target, seen items excluded.

    Runs that differ only in their seed are folded: a target's metric is the mean over them. The interval of a
    difference is a paired bootstrap over users. It says how far users are to blame, not how far seeds are: the verdict
    says when one seed is all there is. Raises RunError for runs on different data, ConfigError for fewer than two
    settings, for a run that is given twice, or an unknown metric.
    """
    metric = check_metric(metric)
    opened = [run if isinstance(run, Run) else Run.open(Path(run)) for run in runs]
    groups = fold(opened)
    same_data(opened, part)
    split = make_split(load_data(opened[0], data_dir) if data is None else data)
    values, settings = [], []
    for name, group in groups.items():
        found = []
        for run in group:
            say(f"ranking with {run.path}")
            evaluation = evaluate(load_scorer(run, device, part=part), split, part, only_answer=True)
            found.append(per_user(evaluation.excluded[evaluation.answer]))
        values.append(np.mean([own[metric] for own in found], axis=0))
        settings.append(Setting(name, [str(run.path) for run in group], [run.config.training.seed for run in group],
                                {key: float(np.mean([own[key] for own in found])) for key in found[0]},
                                [float(own[metric].mean()) for own in found],
                                METHODS[group[0].config.objective.method].neural))
    rows = split.rows(part)
    say("drawing intervals")
    changes = np.stack([own - values[0] for own in values[1:]], 1)
    return Comparison(vars(opened[0].data), part, len(np.unique(rows.user)), len(rows), metric, settings,
                      differences([(settings[0], one) for one in settings[1:]], changes, rows.user))


def check_metric(metric: str) -> str:
    """Return the name of a metric; case does not matter. Raises ConfigError for one that cannot be compared."""
    known = {f"{name}@{k}".lower(): f"{name}@{k}" for name in METRICS for k in CUTOFFS}
    if metric.lower() not in known:
        raise ConfigError(f"unknown metric {metric!r}", "--metric", f"Choose one of: {', '.join(known.values())}.")
    return known[metric.lower()]


def fold(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the runs of each setting by its name, in their order."""
    groups: list[list[Run]] = []
    shared = {id(run): _setting(run) for run in runs}
    for run in runs:
        own = next((group for group in groups if shared[id(group[0])] == shared[id(run)]), None)
        for other in own or []:
            if other.config.training.seed == run.config.training.seed:
                raise ConfigError(f"has the same settings and the same seed as {other.path}", str(run.path),
                                  "Leave one of the two out.")
        if own is None:
            groups.append(own := [])
        own.append(run)
    if len(groups) < 2:
        why = "the runs differ only in their seed" if len(runs) > 1 else "only one run was given"
        raise ConfigError(f"there is nothing to compare: {why}", "compare",
                          "Give runs of at least two settings.")
    given, kinds = names([group[0].config for group in groups]), {features for _, features, _ in shared.values()} - {""}
    for number, group in enumerate(groups):  # what the settings do not tell
        _, features, start = shared[id(group[0])]
        given[number] += f", features {features[:6]}" * bool(features and len(kinds) > 1)
        given[number] += f", started from {start[:6]}" * bool(start)
    return dict(zip(given, groups, strict=True))


def _setting(run: Run) -> tuple[Config, str, str]:
    """Return what runs of one setting share: all but the seed, the sha256 of the features and of the first weights."""
    features, start = run.read_features(), run.path / f"{START}.safetensors"
    return (run.config.replaced(seed=0), "" if features is None else values_sha256(features),
            file_sha256(start) if start.exists() else "")


def names(configs: list[Config]) -> list[str]:
    """Name each setting by its method and by what is not the same in all: ``erl, steps 2``."""
    flat = [{key: value for section in config.to_dict().values() for key, value in section.items()
             if key not in ("method", "seed")} for config in configs]
    kinds = [config.objective.method for config in configs]
    own = {key for kind, values in zip(kinds, flat, strict=True) for key in values
           if any(same == kind and other[key] != values[key] for same, other in zip(kinds, flat, strict=True))}
    return [", ".join([kind, *(f"{key.replace('_', '-')} {values[key]}" for key in values if key in own)])
            for kind, values in zip(kinds, flat, strict=True)]


def same_data(runs: Sequence[Run], part: str = "test") -> None:
    """Raise RunError unless all runs have the same data, and this part evaluates models fitted on the same parts.

    The sha256 of data holds the split too, if they carry one.
    """
    first = runs[0]
    for run in runs[1:]:
        if run.data.sha256 != first.data.sha256:
            raise RunError(f"trained on {_described(run.data)}, but {first.path} on {_described(first.data)}",
                           str(run.path), "Only runs on the same data and split can be compared.")
        fitted, theirs = run.config.fitted_on(part), first.config.fitted_on(part)
        if fitted != theirs:
            raise RunError(f"fitted on {fitted}, but {first.path} on {theirs}", str(run.path),
                           "Compare refits with refits: a larger training part alone improves a model.")


def _described(data: DataFacts) -> str:
    return f"{data.name} with sha256 {data.sha256[:12]}..."


def differences(pairs: Sequence[tuple[Setting, Setting]], changes: np.ndarray, users: np.ndarray) -> list[Difference]:
    """Return how the second setting of each pair differs from the first; changes: of the metric, [targets, pairs]."""
    drawn = bootstrap_means(changes, max(2000, DRAWS * len(pairs)), users)
    ends = np.quantile(drawn, MIDDLE, axis=0)
    tails = np.minimum((drawn <= 0).sum(0), (drawn >= 0).sum(0))
    ps = np.minimum(1, 2 * (tails + 1) / (len(drawn) + 1))
    found, enough = [], len(np.unique(users)) >= FEWEST
    for (first, one), mean, low, high, p, adjusted in zip(pairs, changes.mean(0), *ends, ps, holm(ps), strict=True):
        words = verdict(first, one, float(mean)) if adjusted < LEVEL else SAME
        found.append(Difference(one.name, Figure(float(mean), float(low), float(high)), float(p), float(adjusted),
                                words if enough else TOO_FEW))
    return found


def holm(ps: np.ndarray) -> np.ndarray:
    """Return p-values after Holm's correction: ``max over smaller ones of (m - rank) p``, at most 1. Holm 1979."""
    order = np.argsort(ps, kind="stable")
    scaled = np.minimum(1, np.maximum.accumulate(ps[order] * np.arange(len(ps), 0, -1)))
    adjusted = np.empty_like(scaled)
    adjusted[order] = scaled
    return adjusted


def verdict(first: Setting, other: Setting, difference: float) -> str:
    """Say which of two settings is better, and when one seed is too few to say it about settings."""
    better, worse = (other, first) if difference > 0 else (first, other)
    words = f"{better.name} is better than {worse.name}"
    few = any(one.draws and len(one.seeds) == 1 for one in (first, other))
    return f"{words} in these runs: try more seeds" if few else words
