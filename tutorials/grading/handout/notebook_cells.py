"""The functions that cells of an assignment's notebook call: one shows an example, two raise CheckFailed.

The checks run in the kernel itself, beside the student's code: good for learning, and for grading people who play
fair. Code in a kernel can fake any result; ``minirearec assignment grade`` forms its verdict in another process.
"""

import os
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

from minirearec_tutorials.grading.assignment.contents import Task
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.checks import Check, StudentError, checks_of
from minirearec_tutorials.grading.checks.explanation import explain
from minirearec_tutorials.grading.checks.in_process import in_process
from minirearec_tutorials.grading.checks.runner import run_check, run_task
from minirearec_tutorials.grading.handout.example import ShownExample


class CheckFailed(AssertionError):
    """A check failed. In a notebook only the message is shown, not the lines of this library that led to it."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def show_example(name: str, number: str, namespace: dict) -> ShownExample:
    """Show the example of a task: what the function in ``namespace`` returns, beside what is expected."""
    task, checks = _task(name, number)
    student, calls = _remembering(_student(task, namespace))
    return ShownExample(run_check(checks[0], student), calls)


def check_example(name: str, number: str, namespace: dict) -> None:
    """Check the example of a task. Raises CheckFailed when it fails."""
    task, checks = _task(name, number)
    _run(task, checks[:1], namespace)


def check_task(name: str, number: str, namespace: dict) -> None:
    """Run all checks of a task. Raises CheckFailed, with the smallest inputs that fail, when one does."""
    _run(*_task(name, number), namespace)


def _task(name: str, number: str) -> tuple[Task, list[Check]]:
    item = assignment(name)
    return item.task(number), checks_of(item.checks())[number]


def _run(task: Task, checks: list[Check], namespace: dict) -> None:
    """Run checks and drop what the code prints and warns: nbgrader takes anything on stderr for a failed test."""
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        outcome = run_task(checks, _student(task, namespace))[-1]
    if not outcome.passed:
        raise CheckFailed(explain(outcome))


def _student(task: Task, namespace: dict) -> SimpleNamespace:
    """Make a student of the kernel's functions. Ending the process is a failure; a missing function says so."""
    def missing(*_, **__):
        raise NotImplementedError(f"there is no function {task.function}; has its cell been run?")

    functions = {name: value for name, value in namespace.items() if callable(value)}
    student = in_process({task.function: missing, **functions})
    return SimpleNamespace(**{name: _without_exit(name, function) for name, function in vars(student).items()})


def _without_exit(name: str, function):
    def call(*args, **named):
        try:
            return function(*args, **named)
        except SystemExit as error:
            raise StudentError(f"{name} tried to end Python ({error!r})") from None

    return call


def _remembering(student: SimpleNamespace) -> tuple[SimpleNamespace, list[tuple]]:
    """Return the same student, and a list that collects every call with what it returned."""
    calls: list[tuple] = []

    def remember(name, function):
        def call(*args, **named):
            result = function(*args, **named)
            calls.append(((name, args, named), result))
            return result

        return call

    return SimpleNamespace(**{name: remember(name, function) for name, function in vars(student).items()}), calls
