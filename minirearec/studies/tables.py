"""The table of a study: lines of means over seeds, each against its base, target by target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minirearec.analysis.comparing import Difference, Setting, differences
from minirearec.analysis.figures import Tables
from minirearec.errors import ConfigError
from minirearec.evaluation.full_ranking import ORACLE, best_step
from minirearec.evaluation.metrics import per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.studies.results import unpacked


@dataclass(frozen=True)
class Line:
    """A line of the table: ``valid`` and ``test`` metrics are means over seeds, ``by_seed`` the compared metric.

    ``difference`` from the line named ``base`` is None for a base itself. ``values``: further columns of a view.
    """

    name: str
    base: str
    settings: dict[str, Any]
    fitted_on: str
    seeds: list[int]
    valid: dict[str, float]
    test: dict[str, float]
    by_seed: list[float]
    difference: Difference | None
    values: dict[str, float]


@dataclass(frozen=True)
class StudyResult(Tables):
    """The table of a study. ``finished``: all its runs have results. ``tried``: validation of every variant."""

    name: str
    question: str
    view: str
    data: dict[str, Any]
    metric: str
    finished: bool
    lines: list[Line]
    tried: list[dict[str, Any]]

    def records(self) -> list[dict[str, Any]]:
        """Return one row for each line, all with the same keys."""
        rows = [{"row": line.name, "fitted on": line.fitted_on, "seeds": len(line.seeds),
                 **{f"validation {name}": value for name, value in line.valid.items()}, **line.test,
                 **_change(line), **line.values} for line in self.lines]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return [{name: row.get(name) for name in names} for row in rows]


def _change(line: Line) -> dict[str, Any]:
    if line.difference is None:
        return {}
    figure = line.difference.difference
    return {"compared with": line.base, "difference": figure.value, "low": figure.low, "high": figure.high,
            "p": line.difference.p, "holm": line.difference.holm}


@dataclass(frozen=True)
class Source:
    """What a line of the table is made from: the results of runs by seed, and which row of each."""

    name: str
    base: str
    settings: dict[str, Any]
    runs: dict[int, dict[str, Any]]
    row: Callable[[dict[str, Any]], str]
    values: dict[str, float]

    @property
    def valid(self) -> dict[str, float]:
        """Return the mean validation metrics; a blend and a gate, which are fitted there, have none."""
        found = [run["valid"].get(self.row(run)) for run in self.runs.values()]
        return means([one for one in found if one])

    @property
    def test(self) -> dict[str, float]:
        """Return the mean test metrics."""
        return means([run["test"][self.row(run)] for run in self.runs.values()])

    def values_by_seed(self, metric: str) -> dict[int, np.ndarray]:
        """Return a test metric of every target, of the runs that keep the ranks of this row."""
        return {seed: per_user(ranks_of(run, self.row(run)))[metric] for seed, run in self.runs.items()
                if self.row(run) in (*run["ranks"], ORACLE)}


def compare_lines(sources: Sequence[Source], metric: str, users: np.ndarray) -> list[Line]:
    """Return a line for each source, compared with its base over the seeds that both have; users [targets].

    A row that equals its base for every target has no difference. Holm's correction is for all that there are.
    """
    if any(metric not in run["test"][one.row(run)] for one in sources for run in one.runs.values()):
        raise ConfigError(f"the results have no {metric}", "--metric", "Choose one that was known when they were made.")
    known = {one.name: one.values_by_seed(metric) for one in sources}
    pairs, changes = [], []
    for one in sources:
        own, base = known[one.name], known.get(one.base, {})
        both = [seed for seed in own if seed in base]
        change = np.mean([own[seed] - base[seed] for seed in both], 0) if both else np.zeros(1)
        if change.any():  # else the row is its own base, by name or target by target
            pairs.append((Setting(one.base, [], both, {}, []), Setting(one.name, [], both, {}, [])))
            changes.append(change)
    found = {one.name: one for one in differences(pairs, np.stack(changes, 1), users)} if pairs else {}
    return [Line(one.name, one.base, one.settings, next(iter(one.runs.values()))["fitted_on"], list(one.runs),
                 one.valid, one.test, [run["test"][one.row(run)][metric] for run in one.runs.values()],
                 found.get(one.name), one.values) for one in sources]


def ranks_of(run: dict[str, Any], row: str) -> Ranks:
    """Return the test ranks of a row of results; those of the oracle follow from the steps."""
    if row == ORACLE:
        return best_step([ranks_of(run, step) for step in run["steps"]])
    return unpacked(run["ranks"][row])


def means(dicts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of every value over dicts with the same keys."""
    return {name: float(np.mean([one[name] for one in dicts])) for name in dicts[0]} if dicts else {}
