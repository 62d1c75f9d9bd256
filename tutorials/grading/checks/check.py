"""What a check is.

A check is a function ``run(student, **drawn)``: it calls the student's functions as ``student.name(...)`` and compares
what they return with ``expect_close`` and ``expect``. A check that draws nothing is an example, shown with your
output beside the expected one; one that draws (Hypothesis strategies) is a property, shown with the smallest inputs
on which it fails. ``student`` is anything with those attributes: a notebook's functions, or a ``Sandbox``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Check:
    """One check of one task; ``draws`` is empty for an example."""

    task: str
    name: str
    about: str
    draws: dict[str, st.SearchStrategy]
    run: Callable[..., None]


def check(task: str, **draws: st.SearchStrategy):
    """Decorate a function to make it a Check; its docstring says in one sentence what must hold."""

    def make(function) -> Check:
        return Check(task, function.__name__, " ".join((function.__doc__ or "").split()), draws, function)

    return make


def checks_of(module) -> dict[str, list[Check]]:
    """Return the checks of a module by task, in the order in which they are written."""
    found: dict[str, list[Check]] = {}
    for value in vars(module).values():
        if isinstance(value, Check):
            found.setdefault(value.task, []).append(value)
    return found


class Mismatch(AssertionError):
    """A student's function returned something other than what was expected."""

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
