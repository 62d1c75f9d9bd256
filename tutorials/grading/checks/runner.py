"""Run checks: an example once, a property on many inputs, a failure shrunk to its smallest inputs."""

from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky, UnsatisfiedAssumption
from hypothesis.internal.conjecture.providers import HypothesisProvider

from minirearec_tutorials.grading.checks.check import Check, Mismatch, StudentError

EXAMPLES = 40  # inputs that each property is tried on
NO_HEALTH_CHECKS: Any = list(HealthCheck)  # Hypothesis leaves its members' type open


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
    wrong: bool = False  # the function returned a wrong value, rather than none at all


class Recorder:
    """A student that remembers its last call, and what that returned."""

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
    """Ends a property at once: no other inputs are worth trying. (Hypothesis takes any Exception for a failure.)"""

    def __init__(self, outcome: Outcome):
        super().__init__(outcome.message)
        self.outcome = outcome


def run_check(item: Check, student) -> Outcome:
    """Run a check; shrink a property that fails to its smallest inputs. The inputs are the same every time.

    Raises whatever a check raises before it calls the student: that is a mistake in the check.
    """
    recorder = Recorder(student)
    last: Outcome | None = None

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
                raise _Enough(last) from None
            raise _Failed(last) from problem

    try:
        if item.draws:
            steps = [Phase.explicit, Phase.generate, Phase.shrink]
            with _without_constants():
                given(**item.draws)(settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
                                             phases=steps, print_blob=False, report_multiple_bugs=False,
                                             suppress_health_check=NO_HEALTH_CHECKS)(once))()
        else:
            once()
    except (_Failed, _Enough) as ended:
        return ended.outcome
    except Flaky:
        last = last or Outcome(item, False, "something differs from call to call", call=recorder.last, wrong=True)
        last.message += (" (but not every time with these inputs: does it draw random numbers, or remember earlier "
                         "calls?)")
        return last
    return Outcome(item, True, call=recorder.last, got=recorder.returned)


def _outcome(item: Check, problem: Exception, drawn: dict, recorder: Recorder) -> Outcome:
    """Turn a failure into an outcome. A check may also stumble over a value it did not expect, such as None."""
    if isinstance(problem, Mismatch):
        return Outcome(item, False, problem.what, drawn, recorder.last, problem.got, problem.expected, wrong=True)
    if isinstance(problem, StudentError):
        return Outcome(item, False, str(problem), drawn, recorder.last, unwritten=problem.unwritten)
    if recorder.last is None:
        raise problem  # the student has not been called yet: a mistake in the check
    message = f"the check could not use what {recorder.last[0]} returned ({type(problem).__name__}: {problem})"
    return Outcome(item, False, message, drawn, recorder.last, recorder.returned, wrong=True)


def _without_constants():
    """Keep Hypothesis from trying constants of whatever modules are loaded: inputs must not differ between programs."""
    return patch.object(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None, create=True)


def run_task(items: list[Check], student) -> list[Outcome]:
    """Run the checks of a task in order, up to the first that fails: a task passes when all of its checks do."""
    outcomes = []
    for item in items:
        outcomes.append(run_check(item, student))
        if not outcomes[-1].passed:
            break
    return outcomes
