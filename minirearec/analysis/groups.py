"""Who gains from thinking? Targets in four groups of equal size, by a number that belongs to each."""

from dataclasses import dataclass

import numpy as np

from minirearec.analysis.figures import Figure, figures
from minirearec.text import numbered

COUNT = 4  # as in the paper, section 4.4


@dataclass(frozen=True)
class Group:
    """The targets whose number lies between ``low`` and ``high``: the metric of each row, and its gain over step 0.

    ``name``: ``3 to 4``, followed by a number where several groups lie between the same two.
    """

    name: str
    low: int
    high: int
    targets: int
    rows: dict[str, Figure]
    gains: dict[str, Figure]


def quarters(numbers: np.ndarray) -> list[np.ndarray]:
    """Divide targets into four groups of equal size by increasing number; equal numbers keep their order."""
    return [group for group in np.array_split(np.argsort(numbers, kind="stable"), COUNT) if len(group)]


def by_quarter(values: dict[str, np.ndarray], numbers: np.ndarray, users: np.ndarray) -> list[Group]:
    """Return the four groups of targets by their numbers [targets]; ``values``: the metric of each row [targets].

    The first row is the base that gains are measured from.
    """
    base, *others = values
    found, groups = [], quarters(numbers)
    spans = [(int(numbers[group].min()), int(numbers[group].max())) for group in groups]
    names = numbered([f"{low} to {high}" for low, high in spans])
    for name, (low, high), group in zip(names, spans, groups, strict=True):
        columns = {("row", row): own[group] for row, own in values.items()}
        columns |= {("gain", row): (values[row] - values[base])[group] for row in others}
        means = figures(columns, users[group])
        own = {kind: {row: figure for (found_kind, row), figure in means.items() if found_kind == kind}
               for kind in ("row", "gain")}
        found.append(Group(name, low, high, len(group), own["row"], own["gain"]))
    return found
