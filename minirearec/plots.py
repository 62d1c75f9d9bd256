"""Plots of results, for notebooks: curves, dots with intervals, and matrices. They need matplotlib."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from minirearec.errors import ConfigError
from minirearec.extras import install

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")  # Okabe and Ito's palette
MARKERS = "os^DvPX"
MANY = 10  # a matrix with more columns has small names for them


def panels(count: int) -> list[Any]:
    """Return the axes of a new figure with panels side by side. Raises ConfigError without matplotlib."""
    if find_spec("matplotlib") is None:
        raise ConfigError("plots need matplotlib", "plot", f"Install it: {install('tutorials')}")
    import matplotlib.pyplot as plt  # pyright: ignore[reportMissingModuleSource]

    return list(plt.subplots(1, count, figsize=(4.9 * count, 3.5), squeeze=False, layout="constrained")[1][0])


def curves(axes, series: Mapping[str, Sequence[float]], first: int, across: str, title: str) -> None:
    """Draw a line for each series, whose values belong to first, first + 1, ..."""
    for place, (name, values) in enumerate(series.items()):
        axes.plot(range(first, first + len(values)), values, label=name, marker=_marker(place), color=_colour(place))
    _finish(axes, across, title, len(series) > 1)


def dots(axes, values: Mapping[str, Mapping[str, Any]], across: str, title: str) -> None:
    """Draw ``{series: {name: number or Figure}}``, the series side by side above each name, with their intervals."""
    names = list(dict.fromkeys(name for one in values.values() for name in one))
    for place, (label, one) in enumerate(values.items()):
        shift = 0.7 * ((place + 0.5) / len(values) - 0.5)
        x, middle = [names.index(name) + shift for name in one], [getattr(own, "value", own) for own in one.values()]
        bars = [[abs(getattr(own, end, mean) - mean) for own, mean in zip(one.values(), middle, strict=True)]
                for end in ("low", "high")]
        axes.errorbar(x, middle, yerr=bars if any(map(any, bars)) else None, label=label, capsize=3, linestyle="none",
                      marker=_marker(place), color=_colour(place))
    if any(hasattr(own, "low") for one in values.values() for own in one.values()):
        axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(names)), names)
    if len(values) > 1:
        axes.margins(y=0.25)  # room for the legend
    _finish(axes, across, title, len(values) > 1)


def matrix(axes, values: Mapping[str, Mapping[str, float]], title: str,
           text: Callable[[float], str] = "{:.3f}".format) -> None:
    """Draw ``{row: {column: value}}`` as coloured cells with their numbers."""
    cells = [list(row.values()) for row in values.values()]
    image = axes.imshow(cells, cmap="Blues", aspect="auto")
    axes.set_yticks(range(len(cells)), list(values))
    columns = list(next(iter(values.values())))
    axes.set_xticks(range(len(columns)), columns, fontsize=8 if len(columns) > MANY else None)
    for row, line in enumerate(cells):
        for column, value in enumerate(line):
            axes.text(column, row, text(value), ha="center", va="center", fontsize=8,
                      color="white" if image.norm(value) > 0.6 else "black")
    axes.set_title(title)


def _finish(axes, across: str, title: str, legend: bool) -> None:
    axes.set_xlabel(across)
    axes.set_title(title)
    if legend:
        axes.legend(fontsize=8)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _marker(place: int) -> str:
    return MARKERS[place % len(MARKERS)]
