"""What the checks of an assignment are made of; ``running`` runs them.

A check is a function ``run(student, **drawn)``: it calls the student's functions as ``student.name(...)`` and compares
what they return with ``expect_close`` and ``expect``. A check that draws nothing is an example, shown with your
output beside the expected one; one that draws (Hypothesis strategies) is a property, shown with the smallest inputs
on which it fails. ``student`` is anything with those attributes: a notebook's functions, or a ``Sandbox``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

RTOL, ATOL = 1e-9, 1e-11


@dataclass(frozen=True)
class Check:
    """One check of one task; ``draws`` is empty for an example."""

    task: str
    name: str
    about: str
    draws: dict[str, st.SearchStrategy]
    run: Callable[..., None]


def check(task: str, **draws: st.SearchStrategy):
    """Decorator: make a Check of a function; its docstring says in a sentence what must hold."""

    def make(function) -> Check:
        return Check(task, function.__name__, " ".join((function.__doc__ or "").split()), draws, function)

    return make


def checks_of(module) -> dict[str, list[Check]]:
    """The checks in a module by task, in the order in which they are written."""
    found: dict[str, list[Check]] = {}
    for value in vars(module).values():
        if isinstance(value, Check):
            found.setdefault(value.task, []).append(value)
    return found


class Mismatch(AssertionError):
    """What a student's function returned is not what was expected."""

    def __init__(self, what: str, got: Any = None, expected: Any = None):
        super().__init__(what)
        self.what, self.got, self.expected = what, got, expected


class StudentError(Exception):
    """The student's function raised, took too long or ended its process; the message says which.

    ``unwritten``: it is still the stub, which raises NotImplementedError. ``fatal``: every later call would say the
    same, so that trying smaller inputs shows nothing.
    """

    def __init__(self, message: str, unwritten: bool = False, fatal: bool = False):
        super().__init__(message)
        self.unwritten, self.fatal = unwritten, fatal


def expect(condition, what: str) -> None:
    """Something about the student's output must hold."""
    if not condition:
        raise Mismatch(what)


def expect_close(got, expected, what: str, rtol: float = RTOL, atol: float = ATOL) -> None:
    """The student's output must equal the expected one: kind, shape, then values. NaN equals nothing but NaN.

    Tuples and lists are compared part by part. Booleans and integers must be equal exactly.
    """
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            raise Mismatch(f"{what} should be {len(expected)} values, got {_kind(got)}", got, expected)
        for index, (mine, theirs) in enumerate(zip(got, expected)):
            expect_close(mine, theirs, f"{what}, value {index + 1} of {len(expected)}", rtol, atol)
        return
    wanted = np.asarray(expected)
    if not isinstance(got, np.ndarray | np.generic | int | float):
        raise Mismatch(f"{what} should be {_kind(expected)}, got {_kind(got)}", got, expected)
    array = np.asarray(got)
    if array.shape != wanted.shape:
        raise Mismatch(f"{what} should have shape {list(wanted.shape)}, got {list(array.shape)}", got, expected)
    if (wanted.dtype == bool) != (array.dtype == bool) or array.dtype.kind not in "biuf":
        raise Mismatch(f"{what} should hold {_numbers(wanted)}, got {_numbers(array)}", got, expected)
    same = agreeing(array, wanted, rtol, atol)
    if not same.all():
        wrong = np.argwhere(~np.atleast_1d(same))
        differ = f"{len(wrong)} of {array.size} values differ, the first at {wrong[0].tolist()}"
        raise Mismatch(f"{what}: {differ if array.ndim else 'the value differs'}", got, expected)


def agreeing(got, expected, rtol: float = RTOL, atol: float = ATOL) -> np.ndarray:
    """Which numbers of two arrays of one shape count as equal: booleans and integers exactly, NaN with NaN."""
    if np.asarray(expected).dtype.kind in "biu":
        return np.asarray(got == np.asarray(expected))
    return np.asarray(np.isclose(got, expected, rtol, atol, equal_nan=True))


def shaped(got, shape: tuple[int, ...], what: str) -> np.ndarray:
    """``got``, which must be an array of numbers of this shape: only then can a check compute with it."""
    given = f"shape {list(got.shape)}" if isinstance(got, np.ndarray) else f"a {type(got).__name__}"
    expect(given == f"shape {list(shape)}" and got.dtype.kind in "biuf",
           f"{what} should be an array of shape {list(shape)}, got {given}")
    return got


def slope(of: Callable, x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """``d of(x) / dx`` by central differences, in the shape of x."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[place] = step
        gradient[place] = (of(x + nudge) - of(x - nudge)) / (2 * step)
    return gradient


def _kind(value) -> str:
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {list(value.shape)}"
    if isinstance(value, tuple | list):
        return f"{len(value)} values"
    return "a number" if isinstance(value, bool | int | float | np.generic) else f"a {type(value).__name__}"


def _numbers(array: np.ndarray) -> str:
    names = {"b": "booleans", "i": "integers", "u": "integers", "f": "real numbers"}
    return names.get(array.dtype.kind, str(array.dtype))


# Strategies that the assignments share. Sizes shrink towards small and seeds towards 0.

def sizes(low: int = 1, high: int = 5) -> st.SearchStrategy[int]:
    """A length of an axis."""
    return st.integers(low, high)


def seeds() -> st.SearchStrategy[int]:
    """A seed for ``numbers``."""
    return st.integers(0, 999)


def numbers(seed: int, *shape: int, scale: float = 1.0) -> np.ndarray:
    """Normal random numbers rounded to two places, which are easier to read: float64 [shape]."""
    return np.round(np.random.default_rng([seed, *shape]).normal(size=shape) * scale, 2)
