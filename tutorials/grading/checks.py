"""What the checks of an assignment are made of, and how they are run.

A check is a function ``run(student, **drawn)``: it calls the student's functions as ``student.name(...)`` and compares
what they return with ``expect_close`` and ``expect``. A check that draws nothing is an example, shown with your
output beside the expected one; one that draws (Hypothesis strategies) is a property, shown with the smallest inputs
on which it fails. ``student`` is anything with those attributes: a notebook's functions, or a ``Sandbox``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, UnsatisfiedAssumption
from hypothesis.internal.conjecture.providers import HypothesisProvider

EXAMPLES = 40  # inputs that a property is tried with
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


@dataclass
class Outcome:
    """How one check went. ``call`` is the last call of a student's function, ``got`` its value or the part compared."""

    check: Check
    passed: bool
    message: str = ""
    drawn: dict[str, Any] = field(default_factory=dict)
    call: tuple[str, tuple, dict] | None = None  # function, positional and named arguments
    got: Any = None
    expected: Any = None
    unwritten: bool = False
    wrong: bool = False  # a value that is not right; otherwise there was no value


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
    same = (array == wanted) if wanted.dtype.kind in "biu" else np.isclose(array, wanted, rtol, atol, equal_nan=True)
    if not same.all():
        wrong = np.argwhere(~np.atleast_1d(same))
        differ = f"{len(wrong)} of {array.size} values differ, the first at {wrong[0].tolist()}"
        raise Mismatch(f"{what}: {differ if array.ndim else 'the value differs'}", got, expected)


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


class Recorder:
    """A student whose last call is remembered, with what it returned."""

    def __init__(self, student):
        self._student, self.last, self.returned = student, None, None

    def __getattr__(self, name):
        function = getattr(self._student, name)

        def call(*args, **named):
            self.last, self.returned = (name, args, named), None
            self.returned = function(*args, **named)
            return self.returned

        return call


class _Failed(Exception):
    """Carries the outcome of a failure through Hypothesis, which runs a check many times to find the smallest."""

    def __init__(self, outcome: Outcome):
        super().__init__(outcome.message)
        self.outcome = outcome


class _Enough(BaseException):
    """Ends a property at once: no other inputs are worth trying. (Hypothesis takes an Exception for a failure.)"""


def run_check(item: Check, student) -> Outcome:
    """Run a check; a property that fails is shrunk to its smallest inputs. The inputs are the same every time."""
    recorder, last = Recorder(student), None

    def once(**drawn):
        nonlocal last
        recorder.last = recorder.returned = None
        try:
            item.run(recorder, **drawn)
        except UnsatisfiedAssumption:
            raise
        except Exception as problem:
            fatal = isinstance(problem, StudentError) and problem.fatal
            if last is None or not fatal:
                last = _outcome(item, problem, drawn, recorder)
            if fatal:
                raise _Enough from None
            raise _Failed(last) from problem

    try:
        if item.draws:
            steps = [Phase.explicit, Phase.generate, Phase.shrink]
            with _nothing_but_chance():
                given(**item.draws)(settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
                                             phases=steps, print_blob=False, report_multiple_bugs=False,
                                             suppress_health_check=list(HealthCheck))(once))()
        else:
            once()
    except _Failed as failed:
        return failed.outcome
    except _Enough:
        return last
    except Flaky:
        last = last or Outcome(item, False, "something differs from call to call", call=recorder.last, wrong=True)
        last.message += " (but not every time with these inputs: is there chance in it, or does it remember earlier calls?)"
        return last
    return Outcome(item, True, call=recorder.last, got=recorder.returned)


def _outcome(item: Check, problem: Exception, drawn: dict, recorder: Recorder) -> Outcome:
    """A failure as an outcome. A check may also stumble over a value that it did not expect, such as None."""
    if isinstance(problem, Mismatch):
        return Outcome(item, False, problem.what, drawn, recorder.last, problem.got, problem.expected, wrong=True)
    if isinstance(problem, StudentError):
        return Outcome(item, False, str(problem), drawn, recorder.last, unwritten=problem.unwritten)
    if recorder.last is None:
        raise problem  # the student has not been asked anything: a mistake in the check
    message = f"the check could do nothing with what {recorder.last[0]} returned ({type(problem).__name__}: {problem})"
    return Outcome(item, False, message, drawn, recorder.last, recorder.returned, wrong=True)


def _nothing_but_chance():
    """Hypothesis also tries constants that it finds in the modules that happen to be loaded, and keeps a file of them.

    Then the inputs would not be the same in two programs.
    """
    return patch.object(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None, create=True)


def run_task(items: list[Check], student) -> list[Outcome]:
    """The checks of a task in order, up to the first that fails: a task is passed when all of its checks are."""
    outcomes = []
    for item in items:
        outcomes.append(run_check(item, student))
        if not outcomes[-1].passed:
            break
    return outcomes


def in_process(functions: dict[str, Any]) -> SimpleNamespace:
    """A student whose functions run right here, as in a notebook. Arguments are copied: changing one is an error."""
    return SimpleNamespace(**{name: _careful(name, value) for name, value in functions.items() if callable(value)})


def _careful(name: str, function):
    from minirearec_tutorials.grading.worker import ArgumentChanged, call_once

    def call(*args, **named):
        try:
            return call_once(function, args, named)
        except ArgumentChanged as error:
            raise StudentError(f"{name} {error}") from None
        except NotImplementedError as error:
            raise StudentError(f"not written yet: {error}", unwritten=True) from None
        except Exception as error:
            raise StudentError(f"{name} raised {type(error).__name__}: {error}") from error

    return call


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
