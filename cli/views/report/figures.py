"""Line charts as SVG: where each line, tick and label is. The template draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460, 220  # of a chart, in its own units
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 34  # margins: room for the ticks
MOST_LABELS = 10  # below the x axis


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its place in the chart and its label."""

    place: float
    label: str


@dataclass(frozen=True)
class Line:
    """One curve: its name, and its points ``(x, y, value)`` in the chart."""

    name: str
    points: list[tuple[float, float, float]]

    @property
    def path(self) -> str:
        """Return the points as SVG's polyline takes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True)
class Chart:
    """A chart with its lines and the ticks of both axes."""

    title: str
    across: str  # what x counts
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def chart(title: str, across: str, series: dict[str, Sequence[float]], first: int) -> Chart | None:
    """Return a chart of series whose values belong to x = first, first + 1, ...; None if there is no value."""
    longest = max(map(len, series.values()), default=0)
    if not longest:
        return None
    values = [value for one in series.values() for value in one]
    y_marks = marks(min(values), max(values))
    low, high = y_marks[0], y_marks[-1]

    def x(index: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (index / (longest - 1) if longest > 1 else 0.5)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    every = math.ceil(longest / MOST_LABELS)
    return Chart(title, across,
                 [Line(name, [(x(index), y(value), value) for index, value in enumerate(one)])
                  for name, one in series.items() if len(one)],
                 [Tick(x(index), str(first + index)) for index in range(0, longest, every)],
                 [Tick(y(mark), f"{mark:.6g}") for mark in y_marks])


def marks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers, evenly spaced, that enclose the range."""
    spread = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(spread / 4))
    step = next(power * nice for nice in (1, 2, 5, 10) if spread / (power * nice) <= 4)
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(start, max(end, start + 1) + 1)]
