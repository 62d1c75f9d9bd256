"""Grade one submission: run every task's checks on its functions, in a sandbox. The verdict is formed here."""

import os
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment, Task
from minirearec_tutorials.grading.checks import StudentError, checks_of
from minirearec_tutorials.grading.checks.runner import Outcome, run_task
from minirearec_tutorials.grading.sandbox.outside.sandbox import STANDARD, Limits, Sandbox

PASSED, FAILED, ERROR, UNWRITTEN = "passed", "failed", "error", "not written"
LARGEST = 5_000_000  # bytes of a submission


@dataclass(frozen=True)
class TaskResult:
    """How a task went: ``failed`` for a wrong value, ``error`` when there was no value."""

    number: str
    title: str
    points: int
    earned: int
    status: str
    hint: str = ""
    outcomes: tuple[Outcome, ...] = ()

    @property
    def failure(self) -> Outcome | None:
        """Return the outcome of the check that failed; it is the last one."""
        return self.outcomes[-1] if self.outcomes and not self.outcomes[-1].passed else None


@dataclass(frozen=True)
class Grade:
    """What a submission earned.

    ``problem`` says why nothing could be checked, ``note`` what a teacher should know.
    """

    assignment: str
    student: str
    tasks: tuple[TaskResult, ...]
    output: str = ""
    problem: str = ""
    note: str = ""

    @property
    def points(self) -> int:
        """Return the points that could be earned."""
        return sum(task.points for task in self.tasks)

    @property
    def earned(self) -> int:
        """Return the points that the submission earned."""
        return sum(task.earned for task in self.tasks)


class Unreadable(Exception):
    """A submission that is not a text file; the message says why."""


def grade(item: Assignment, submission: str | Path, limits: Limits = STANDARD, only: Iterable[str] | None = None,
          student: str = "", on_task: Callable[[Task], None] = lambda task: None) -> Grade:
    """Grade a submission, given as a file (Path) or as its text. Nothing that a submission does raises an error.

    ``only``: the numbers of the tasks to grade. ``on_task`` is called before each. Raises ConfigError for a task that
    does not exist or has no checks.
    """
    tasks = [item.task(number) for number in dict.fromkeys(only)] if only else list(item.tasks)
    checks = checks_of(item.checks())
    for task in tasks:
        if task.number not in checks:
            raise ConfigError(f"there is no check for task {task.number}", str(item.folder / "checks.py"))
    try:
        source = read(submission) if isinstance(submission, Path) else submission
    except Unreadable as error:
        return unchecked(item, student, str(error), tasks)
    results = []
    with Sandbox(source, item.file, limits) as sandbox:
        try:
            sandbox.start()
        except StudentError as error:
            return unchecked(item, student, str(error), tasks, sandbox.output)
        for task in tasks:
            on_task(task)
            results.append(_task(task, checks[task.number], sandbox))
    return Grade(item.name, student, tuple(results), sandbox.output)


def unchecked(item: Assignment, student: str, problem: str, tasks: Iterable[Task] | None = None, output: str = "",
              note: str = "") -> Grade:
    """Return the grade of a submission in which nothing could be checked."""
    results = tuple(TaskResult(task.number, task.title, task.points, 0, ERROR, task.hint)
                    for task in tasks or item.tasks)
    return Grade(item.name, student, results, output, problem, note)


def read(path: Path) -> str:
    """Return the text of a submission. Raises Unreadable for anything but a text file."""
    try:
        if not path.is_file():
            raise Unreadable(f"{path.name} is not there" if not os.path.lexists(path) else f"{path.name} is not a file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise Unreadable(f"{path.name} is larger than {LARGEST / 1e6:g} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise Unreadable(f"{path.name} is not UTF-8 text (line {line}); save it as UTF-8") from None


def _task(task: Task, checks: list, sandbox: Sandbox) -> TaskResult:
    try:
        sandbox.next_task()
    except StudentError as error:  # it loaded before, and now it does not
        outcomes = [Outcome(checks[0], False, str(error))]
    else:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # about the submission's values, which the checks compute with
            outcomes = run_task(checks, sandbox.student)
    last = outcomes[-1]
    status = (PASSED if last.passed else UNWRITTEN if last.unwritten else FAILED if last.wrong else ERROR)
    return TaskResult(task.number, task.title, task.points, task.points if last.passed else 0, status, task.hint,
                      tuple(map(_plain, outcomes)))


def _plain(outcome: Outcome) -> Outcome:
    """Return an outcome that can be sent to another process: plain values only, and no functions of the check."""
    call = outcome.call and (outcome.call[0], _data(outcome.call[1]), _data(outcome.call[2]))
    return replace(outcome, check=replace(outcome.check, draws={}, run=None), drawn=_data(outcome.drawn), call=call,
                   got=_data(outcome.got), expected=_data(outcome.expected))


def _data(value):
    if isinstance(value, list | tuple):
        return type(value)(map(_data, value)) if type(value) in (list, tuple) else tuple(map(_data, value))
    if isinstance(value, dict):
        return {str(key): _data(part) for key, part in value.items()}
    if value is None or isinstance(value, bool | int | float | str | np.generic):
        return value
    return value if type(value) is np.ndarray and value.dtype.kind in "biufU" else repr(value)
