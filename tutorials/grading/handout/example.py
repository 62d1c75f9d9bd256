"""How an example came out, as the value of a notebook's cell: your output beside the expected one."""

from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader

from minirearec_tutorials.grading.checks import agreeing
from minirearec_tutorials.grading.checks.explanation import LARGEST, call_text, explain, indented_value, value_text
from minirearec_tutorials.grading.checks.runner import Outcome

TEMPLATES = Environment(loader=PackageLoader("minirearec_tutorials.grading.handout"), autoescape=True,
                        trim_blocks=True, lstrip_blocks=True)


class ShownExample:
    """An example and its outcome. ``calls``: those that returned, each with its result."""

    def __init__(self, outcome: Outcome, calls: list[tuple]):
        self.outcome, self.calls = outcome, calls

    def __repr__(self) -> str:
        if not self.outcome.passed:
            return explain(self.outcome)
        calls = [f"{call_text(call)}\n{indented_value(result)}" for call, result in self.calls]
        return "\n".join([self.outcome.check.about, *calls, "This is what was expected."])

    def _repr_html_(self) -> str:
        outcome = self.outcome
        calls = [(call_text(call), grids(result, result))
                 for call, result in (self.calls if outcome.passed else self.calls[:-1])]
        failed = outcome.expected is not None
        return TEMPLATES.get_template("example.html").render(
            outcome=outcome, calls=calls, call=call_text(outcome.call) if outcome.call else "",
            got=grids(outcome.got, outcome.expected) if failed else [],
            expected=grids(outcome.expected) if failed else [])


def grids(value: Any, expected: Any = None) -> list:
    """Return a value as grids, one for each part of a tuple: rows of (text, whether it is right), or a text.

    Whether a number is right is None where there is nothing to compare it with.
    """
    if isinstance(value, tuple | list):
        compared = isinstance(expected, tuple | list) and len(expected) == len(value)
        pairs = zip(value, expected if compared else [None] * len(value), strict=True)
        return [grid for pair in pairs for grid in grids(*pair)]
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim > 2 or array.size > LARGEST:
        return [value_text(value)]
    right = np.full(array.shape, None)
    if isinstance(expected, np.ndarray | np.generic | int | float) and np.shape(expected) == array.shape:
        right = agreeing(array, expected).astype(object)
    rows = zip(np.atleast_2d(array), np.atleast_2d(right), strict=True)
    return [[[(value_text(number), mark) for number, mark in zip(*row, strict=True)] for row in rows]]
