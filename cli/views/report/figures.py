"""Charts and heat maps as SVG: where each line, cell and label is. The template draws them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from minirearec.analysis.figures import Figure

WIDTH, HEIGHT = 460, 220  # of a chart, in its own units
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 34  # margins: room for the ticks
MOST_LABELS = 10  # below the x axis
NAMES, ROW = 110, 22  # of a heat map: room for the names of its rows, and their height


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its place in the chart and its label."""

    place: float
    label: str


@dataclass(frozen=True)
class Line:
    """One curve: its name, and its points ``(x, y, value)`` in the chart; ``bars`` are intervals ``(x, low, high)``."""

    name: str
    points: list[tuple[float, float, float]]
    bars: list[tuple[float, float, float]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Return the points as SVG's polyline takes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True)
class Chart:
    """A chart with its lines and the ticks of both axes; ``joined``: whether lines join their points."""

    title: str
    across: str  # what x counts
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    joined: bool = True


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map: its place, its ``share`` of the way from the smallest to the largest value, its text."""

    x: float
    y: float
    share: float
    text: str
    name: str


@dataclass(frozen=True)
class Heat:
    """A matrix of coloured cells, each ``cell`` wide, with the names of rows and columns."""

    title: str
    cell: float
    height: float
    cells: list[Cell]
    rows: list[Tick]
    columns: list[Tick]


def chart(title: str, across: str, series: Mapping[str, Sequence[float]], first: int) -> Chart | None:
    """Return a chart of series whose values belong to x = first, first + 1, ...; None if there is no value."""
    longest = max(map(len, series.values()), default=0)
    if not longest:
        return None
    y_ticks, y = scale([value for one in series.values() for value in one])

    def x(index: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (index / (longest - 1) if longest > 1 else 0.5)

    every = math.ceil(longest / MOST_LABELS)
    return Chart(title, across,
                 [Line(name, [(x(index), y(value), value) for index, value in enumerate(one)])
                  for name, one in series.items() if len(one)],
                 [Tick(x(index), str(first + index)) for index in range(0, longest, every)], y_ticks)


def dots(title: str, across: str, series: Mapping[str, Mapping[str, Figure | float]]) -> Chart:
    """Return a chart of values by name, ``{series: {name: value}}``; a Figure has its interval.

    The series stand side by side above each name. With Figures, the axis shows 0.
    """
    names = list(dict.fromkeys(name for one in series.values() for name in one))
    found = [value for one in series.values() for value in one.values()]
    ends = [end for value in found for end in ((value.low, value.high, 0.0) if isinstance(value, Figure) else (value,))]
    y_ticks, y = scale(ends)
    slot = (WIDTH - LEFT - RIGHT) / len(names)
    lines = []
    for number, (label, one) in enumerate(series.items()):
        shift = 0.7 * slot * ((number + 0.5) / len(series) - 0.5)
        placed = [(LEFT + slot * (names.index(name) + 0.5) + shift, value) for name, value in one.items()]
        lines.append(Line(label, [(x, y(_middle(value)), _middle(value)) for x, value in placed],
                          [(x, y(value.low), y(value.high)) for x, value in placed if isinstance(value, Figure)]))
    return Chart(title, across, lines, [Tick(LEFT + slot * (place + 0.5), name) for place, name in enumerate(names)],
                 y_ticks, joined=False)


def heat(title: str, values: Mapping[str, Mapping[str, float]],
         text: Callable[[float], str] = "{:.3f}".format) -> Heat:
    """Return a heat map of ``{row: {column: value}}``; all rows have the same columns."""
    columns, flat = list(next(iter(values.values()))), [value for row in values.values() for value in row.values()]
    low, spread = min(flat), max(flat) - min(flat)
    cell = (WIDTH - NAMES) / len(columns)
    cells = [Cell(NAMES + cell * place, TOP + ROW * line, (value - low) / spread if spread else 0.0, text(value),
                  f"{row}, {column}: {value}")
             for line, (row, own) in enumerate(values.items()) for place, (column, value) in enumerate(own.items())]
    return Heat(title, cell, TOP + ROW * len(values) + 20, cells,
                [Tick(TOP + ROW * (line + 0.5), row) for line, row in enumerate(values)],
                [Tick(NAMES + cell * (place + 0.5), column) for place, column in enumerate(columns)])


def scale(values: Sequence[float]) -> tuple[list[Tick], Callable[[float], float]]:
    """Return the ticks of a y axis for these values, and the function that places a value on it."""
    y_marks = marks(min(values), max(values))
    low, high = y_marks[0], y_marks[-1]

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    return [Tick(y(mark), f"{mark:.6g}") for mark in y_marks], y


def _middle(value: Figure | float) -> float:
    return value.value if isinstance(value, Figure) else value


def marks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers, evenly spaced, that enclose the range."""
    spread = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(spread / 4))
    step = next(power * nice for nice in (1, 2, 5, 10) if spread / (power * nice) <= 4)
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(start, max(end, start + 1) + 1)]
