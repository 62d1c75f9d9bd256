"""Small arrays as grids of cells: your output beside the expected one, wrong cells marked, with and without colour."""

from typing import Any

import numpy as np
from rich.box import Box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from minirearec_tutorials.grading.checks import agreeing

MOST_CELLS, MOST_COLUMNS = 64, 10
MARK = "*"  # after a wrong cell
LEGEND = f"{MARK} differs from the expected value"
FRAME = Box("╭──╮\n│  │\n├──┤\n│  │\n├──┤\n├──┤\n│  │\n╰──╯\n")
GAP = 3  # columns between two grids
RIGHT, WRONG = "green", "bold red"


def compared(console: Console, got: Any, expected: Any):
    """Draw your output and the expected one: side by side where the width allows, else one below the other."""
    same = agreement(got, expected)
    digits = number_format(got, expected, same)
    parts = [_titled("your output", _drawn(console, got, digits, same)),
             _titled("expected", _drawn(console, expected, digits, None))]
    shown: list = [_row(console, parts)]
    if same is not None and not same.all() and np.ndim(got):
        shown.append(Text(LEGEND, "dim"))
    return Group(*shown)


def single(console: Console, value: Any, title: str):
    """Draw one value that is right, or that has nothing to compare with."""
    if isinstance(value, tuple) and value and all(_is_numbers(part) for part in value):
        drawn = [_drawn(console, part, number_format(part, part, None), None) for part in value]
        return _row(console, [_titled(f"{title}, value {place}", part)
                              for place, part in enumerate(drawn, 1)])
    return _titled(title, _drawn(console, value, number_format(value, value, None), None))


def _row(console: Console, parts: list):
    """Draw parts side by side, or one below the other where the console is too narrow."""
    widths = [console.measure(part).maximum for part in parts]
    if sum(widths) + GAP * (len(parts) - 1) > console.width:
        return Group(*parts)
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_row(*parts)
    return grid


def _titled(title: str, drawn):
    return Group(Text(title, "dim"), drawn)


def _drawn(console: Console, value: Any, digits, same):
    """Draw numbers as grids, one for each matrix; anything else, and what is too large, as a text."""
    if not _is_numbers(value):
        return Text(_short(repr(value)))
    array = np.asarray(value)
    if array.ndim == 0:
        style = "" if same is None else RIGHT if same.all() else WRONG
        return Text(digits(array[()]), style)
    if array.size == 0 or array.size > MOST_CELLS or array.shape[-1] > MOST_COLUMNS or array.ndim > 3:
        return Text(_short(np.array2string(array, precision=4, suppress_small=True, threshold=MOST_CELLS)
                           if array.size else f"an empty array of shape {list(array.shape)}"))
    if array.ndim == 3:
        return Group(*(part for place in range(len(array)) for part in (
            Text(f"[{place}]", "dim"), _grid(console, array[place], digits, None if same is None else same[place]))))
    return _grid(console, np.atleast_2d(array), digits, None if same is None else np.atleast_2d(same))


def _grid(console: Console, array: np.ndarray, digits, same: np.ndarray | None):
    """Draw a matrix in a frame, or where that does not fit, as lines that wrap between numbers."""
    rows = [[_cell(digits(value), same is None or bool(same[i, j]), same is not None) for j, value in enumerate(row)]
            for i, row in enumerate(array)]
    if sum(max(len(row[j]) for row in rows) + 1 for j in range(array.shape[1])) + 2 > console.width:
        return Group(*(Text(" ").join(row) for row in rows))
    table = Table(box=FRAME, show_header=False, border_style="dim", padding=(0, 1, 0, 0))
    for _ in range(array.shape[1]):
        table.add_column(justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _cell(text: str, right: bool, compared: bool) -> Text:
    if not compared:
        return Text(f" {text}")
    return Text(f" {text} " if right else f" {text}{MARK}", RIGHT if right else WRONG)


def _is_numbers(value: Any) -> bool:
    """Return whether a value is a number or an array of numbers. (To NumPy an integer above 64 bits is an object.)"""
    return isinstance(value, bool | int | float | np.generic | np.ndarray) and np.asarray(value).dtype.kind in "biuf"


def agreement(got: Any, expected: Any) -> np.ndarray | None:
    """Return which cells agree, or None where the two cannot be compared cell by cell."""
    if not (_is_numbers(got) and _is_numbers(expected)) or np.shape(got) != np.shape(expected):
        return None
    mine, theirs = np.asarray(got), np.asarray(expected)
    if (mine.dtype == bool) != (theirs.dtype == bool):
        return None
    return agreeing(mine, theirs)


def number_format(got: Any, expected: Any, same: np.ndarray | None):
    """Return a function from a number to its text, with enough digits that what differs looks different."""
    numbers = [np.asarray(value).astype(float).ravel() for value in (got, expected) if _is_numbers(value)
               and np.asarray(value).dtype.kind == "f"]
    finite = np.concatenate([np.zeros(0), *numbers])
    finite = finite[np.isfinite(finite) & (finite != 0)]
    outside = len(finite) and (np.abs(finite).max() >= 1e6 or np.abs(finite).min() < 1e-4)
    for count in (1, 2, 4, 6, 9, 12, 15):
        pattern = f".{count}g" if outside else f".{count}f"
        exact = all(abs(float(format(value, pattern)) - value) <= 1e-9 * max(1.0, abs(value))
                    for value in finite.tolist())
        if (exact or count >= 4) and (same is None or _told_apart(got, expected, same, pattern)):
            break
    return lambda value: format(value.item(), pattern) if value.dtype.kind == "f" else str(value.item())


def _told_apart(got: Any, expected: Any, same: np.ndarray, pattern: str) -> bool:
    mine, theirs = np.asarray(got)[~same].ravel().tolist(), np.asarray(expected)[~same].ravel().tolist()
    return all(format(float(a), pattern) != format(float(b), pattern) for a, b in zip(mine, theirs, strict=True))


def _short(text: str) -> str:
    return text if len(text) <= 600 else text[:600] + " ..."


def indented(shown, by: int = 2) -> Padding:
    """Move what is drawn a little to the right."""
    return Padding(shown, (0, 0, 0, by), expand=False)
