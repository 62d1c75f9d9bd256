"""What the pictures of an analysis show, for whoever draws them: the report's page, and ``plot`` in notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minirearec import plots
from minirearec.analysis.figures import Figure
from minirearec.analysis.groups import Group
from minirearec.errors import ConfigError

if TYPE_CHECKING:
    from minirearec.analysis.result import Analysis


@dataclass(frozen=True)
class Picture:
    """Values by series and by name, ``{series: {name: value}}``; ``across`` says what the names are.

    With ``matrix`` the series are rows and the names are columns. ``text`` puts its numbers into words.
    """

    title: str
    across: str
    values: dict[str, dict[str, Any]]
    matrix: bool = False
    text: Callable[[float], str] = "{:.3f}".format


def by_group(groups: list[Group]) -> dict[str, dict[str, Figure]]:
    """Return ``{row: {group: figure}}``: gains over step 0, or the metric of a model that has one row."""
    kind = "gains" if groups[0].gains else "rows"
    return {row: {group.name: getattr(group, kind)[row] for group in groups}
            for row in getattr(groups[0], kind)}


def short(values: dict[str, Any]) -> dict[str, Any]:
    """Return values by step with the numbers of the steps as their names, as an axis needs them."""
    return {name.removeprefix("step "): value for name, value in values.items()}


def _groups(found: Analysis, title: str, groups: list[Group]) -> list[Picture]:
    what = f"Gain of {found.group_metric} over step 0" if groups[0].gains else found.group_metric
    return [Picture(f"{what} by {title}", title, by_group(groups))]


def _pairs(title: str, values: list[list[float]]) -> list[Picture]:
    return [Picture(title, "", {f"step {i}": {f"step {j}": value for j, value in enumerate(line)}
                                for i, line in enumerate(values)}, matrix=True)]


def _by_step(found: dict[str, Any], names: dict[str, str]) -> dict[str, dict[str, float]]:
    return {label: short({row: getattr(one, name) for row, one in found.items()}) for name, label in names.items()}


def _lists(found: Analysis) -> list[Picture]:
    titles = {"coverage": "Coverage: share of the catalogue in any list",
              "popularity": "Popularity: how often training saw a listed item",
              "bias": "Popularity bias: 1 is as popular as the targets",
              "novelty": "Novelty of listed items, in bits"}
    return [Picture(title, "step", _by_step(found.lists, {name: name})) for name, title in titles.items()
            if name != "bias" or found.target_popularity]


def _attention(found: Analysis) -> list[Picture]:
    pictures: dict[str, dict[str, dict[str, float]]] = {}
    for one in found.records():
        if one["table"] == "attention":
            column = one["measure"].removeprefix("item ").removesuffix(" items").replace("step ", "s")
            pictures.setdefault(one["row"], {}).setdefault(one["group"], {})[column] = one["value"]
    return [Picture(f"What {step} attends to, in %", "", rows, matrix=True, text=lambda share: f"{100 * share:.0f}")
            for step, rows in pictures.items()]


PICTURES: dict[str, Callable[[Any], list[Picture]]] = {  # by the table of ``Analysis.records``
    "gains": lambda found: [Picture("Gain over the same model at K = 0", "", found.gains)],
    "history length": lambda found: _groups(found, "history length", found.by_history_length),
    "popularity": lambda found: _groups(found, "popularity of the target", found.by_popularity),
    "moves": lambda found: [Picture("How the target's rank moves: share of targets", "step", _by_step(
        found.moves, {name: name for name in ("improved", "worsened", "found", "lost")}))],
    "cosine": lambda found: _pairs("Cosine of the states", found.thinking.cosine),
    "kl": lambda found: _pairs("KL divergence, row to column, in nats", found.thinking.kl),
    "entropy": lambda found: [Picture("Entropy of the distribution, in nats", "step", {
        "entropy": {str(k): value for k, value in enumerate(found.thinking.entropy)}})],
    "lists": _lists,
    "attention": _attention,
    "timing": lambda found: [Picture("Milliseconds per target", "K", {
        kind: {str(steps): each for steps, each in enumerate(taken)}
        for kind, taken in (("with cache", found.timing.cached), ("without cache", found.timing.uncached))})]}


def plot(found: Analysis, *tables: str, axes: list | None = None) -> list:
    """Draw the pictures of some tables of an analysis with matplotlib, side by side, and return their axes.

    Raises ConfigError for a table that it lacks, and without matplotlib.
    """
    known = {row["table"] for row in found.records()} & PICTURES.keys()
    for name in tables:
        if name not in known:
            raise ConfigError(f"this analysis has no picture {name!r}", "plot",
                              f"Choose among: {', '.join(name for name in PICTURES if name in known)}.")
    pictures = [picture for name in tables for picture in PICTURES[name](found)]
    return draw(pictures, axes)


def draw(pictures: list[Picture], axes: list | None = None) -> list:
    """Draw each picture into its own axes, by default those of a new figure, and return them."""
    axes = plots.panels(len(pictures)) if axes is None else axes
    for own, picture in zip(axes, pictures, strict=True):
        if picture.matrix:
            plots.matrix(own, picture.values, picture.title, picture.text)
        else:
            plots.dots(own, picture.values, picture.across, picture.title)
    return axes
