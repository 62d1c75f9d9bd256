"""An output beside the expected one: as text for error messages, as HTML for notebooks."""

import re
from html import escape
from typing import Any

import numpy as np

from minirearec_tutorials.grading.checks.comparing import agreeing
from minirearec_tutorials.grading.checks.runner import Outcome

LARGEST = 64  # numbers of an array that are written out one by one
PADDING = re.compile(r"(?<=\[) | (?=[,\]])")  # that NumPy puts between brackets and numbers
RIGHT, WRONG = "background:#d9f2df;color:#111", "background:#f9cfd0;color:#111;font-weight:bold"
BOX = "display:inline-block;vertical-align:top;margin:2px 2em 6px 0"
TABLE = "border-collapse:collapse;font-family:monospace"
NUMBER = "text-align:right;padding:1px 8px;border:1px solid #bbb"


def typed(call: tuple[str, tuple, dict]) -> str:
    """A call as one would type it; large arrays only by their shape."""
    name, args, named = call
    words = [_short(value) for value in args] + [f"{key}={_short(value)}" for key, value in named.items()]
    return f"{name}({', '.join(words)})"


def explain(outcome: Outcome) -> str:
    """Why a check failed, in several lines: what must hold, what was called, what came back, what was expected."""
    if outcome.unwritten:
        return outcome.message
    lines = [outcome.check.about, outcome.message]
    if outcome.call:
        lines.append(f"{'Called' if not outcome.drawn else 'Smallest call that fails'}: {typed(outcome.call)}")
    if outcome.expected is not None:
        lines += ["Your output:", _indented(outcome.got), "Expected:", _indented(outcome.expected)]
    return "\n".join(lines)


class Shown:
    """How an example came out; the value of a notebook's cell. ``calls``: those that returned, with their results."""

    def __init__(self, outcome: Outcome, calls: list[tuple]):
        self.outcome, self.calls = outcome, calls

    def __repr__(self) -> str:
        if not self.outcome.passed:
            return explain(self.outcome)
        calls = [f"{typed(call)}\n{_indented(result)}" for call, result in self.calls]
        return "\n".join([self.outcome.check.about, *calls, "This is what was expected."])

    def _repr_html_(self) -> str:
        outcome = self.outcome
        if outcome.unwritten:
            return f"<p>{escape(outcome.message)}</p>"
        parts = [f"<p>{escape(outcome.check.about)}</p>"]
        for call, result in self.calls if outcome.passed else self.calls[:-1]:
            parts.append(f"<pre>{escape(typed(call))}</pre>{_box('your output', result, result)}")
        if outcome.passed:
            return "".join([*parts, "<p>This is what was expected.</p>"])
        if outcome.call:
            parts.append(f"<pre>{escape(typed(outcome.call))}</pre>")
        if outcome.expected is not None:
            parts += [_box("your output", outcome.got, outcome.expected), _box("expected", outcome.expected)]
        return "".join([*parts, f"<p><b>{escape(outcome.message)}</b></p>"])


def _box(title: str, value: Any, expected: Any = None) -> str:
    return f'<div style="{BOX}"><div>{title}</div>{_grid(value, expected)}</div>'


def _grid(value: Any, expected: Any = None) -> str:
    """A table of the numbers, each green or red where there is something to compare it with."""
    if isinstance(value, tuple | list):
        compared = isinstance(expected, tuple | list) and len(expected) == len(value)
        return "".join(map(_grid, value, expected if compared else [None] * len(value)))
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim > 2 or array.size > LARGEST:
        return f"<pre>{escape(_text(value))}</pre>"
    style = np.full(array.shape, "")
    if expected is not None and np.shape(expected) == array.shape:
        style = np.where(agreeing(array, expected), RIGHT, WRONG)
    rows = ["".join(map(_cell, *row)) for row in zip(np.atleast_2d(array), np.atleast_2d(style))]
    return f'<table style="margin:0;{TABLE}">{"".join(f"<tr>{row}</tr>" for row in rows)}</table>'


def _cell(number: np.generic, style: str) -> str:
    mark = "&ne; " if style == WRONG else ""  # red is not red to everybody
    return f'<td style="{NUMBER};{style}">{mark}{escape(_text(number))}</td>'


def _indented(value: Any) -> str:
    return "\n".join("    " + line for line in _text(value).splitlines())


def _text(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list) and any(isinstance(part, np.ndarray) for part in value):
        return "\n".join(map(_text, value))
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_text, value))})"
    text = np.array2string(value, precision=6, suppress_small=True, threshold=LARGEST) \
        if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) <= 2000 else text[:2000] + " ..."


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > LARGEST:
            return f"<array of shape {list(value.shape)}>"
        text = np.array2string(value, separator=", ", max_line_width=10 ** 6, threshold=LARGEST)
        return f"np.array({PADDING.sub('', ' '.join(text.split()))})"
    if isinstance(value, list | tuple | dict) and len(value) > LARGEST:
        return f"<{type(value).__name__} of {len(value)} values>"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_short(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_short, value))}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."
