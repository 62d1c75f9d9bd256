"""Grade one submission: run every task's checks on its functions, in a sandbox. The verdict is formed here."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment, Task
from minirearec_tutorials.grading.assignment.lexing import functions, reached
from minirearec_tutorials.grading.checks import StudentError, checks_of
from minirearec_tutorials.grading.checks.runner import Outcome, run_task
from minirearec_tutorials.grading.collecting.sources import Source, Unreadable, code
from minirearec_tutorials.grading.marking.mistakes import digest
from minirearec_tutorials.grading.sandbox.outside.sandbox import STANDARD, Limits, Sandbox

MISSING = "there is no function"  # of the message of the sandbox
PASSED, FAILED, ERROR, UNWRITTEN = "passed", "failed", "error", "not written"


@dataclass(frozen=True)
class TaskResult:
    """How a task went: ``failed`` for a wrong value, ``error`` when there was no value.

    ``because``: the numbers of tasks that fail too and whose functions this one uses. ``mistake`` is the same for
    submissions that are wrong in the same way.
    """

    number: str
    title: str
    points: float
    earned: float
    status: str
    hints: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    because: tuple[str, ...] = ()
    mistake: str = ""

    @property
    def failure(self) -> Outcome | None:
        """Return the outcome of the check that failed; it is the last one."""
        return self.outcomes[-1] if self.outcomes and not self.outcomes[-1].passed else None

    @property
    def example_passed(self) -> bool:
        """Return whether the example, which is the first check, came out right."""
        return bool(self.outcomes) and self.outcomes[0].passed


@dataclass(frozen=True)
class Grade:
    """What a submission earned.

    ``problem`` says why nothing could be checked, ``note`` what a teacher should know. ``deducted``: points taken off
    for being late. ``system`` and ``id`` are the student's in Moodle or Canvas.
    """

    assignment: str
    student: str
    tasks: tuple[TaskResult, ...]
    output: str = ""
    problem: str = ""
    note: str = ""
    deducted: float = 0
    system: str = ""
    id: str = ""

    @property
    def points(self) -> float:
        """Return the points that could be earned."""
        return sum(task.points for task in self.tasks)

    @property
    def earned(self) -> float:
        """Return the points that the submission earned."""
        return whole(round(sum(task.earned for task in self.tasks) - self.deducted, 2))


def grade(item: Assignment, submission: str | Path | Source, limits: Limits = STANDARD,
          only: Iterable[str] | None = None, student: str = "",
          on_task: Callable[[Task], None] = lambda task: None) -> Grade:
    """Grade a submission: a Python file or notebook, or a text. Nothing that a submission does raises an error.

    ``only``: the numbers of the tasks to grade. ``on_task`` is called before each. Raises ConfigError for a task that
    does not exist or has no checks.
    """
    tasks = [item.task(number) for number in dict.fromkeys(only)] if only else list(item.tasks)
    checks = checks_of(item.checks())
    for task in tasks:
        if task.number not in checks:
            raise ConfigError(f"there is no check for task {task.number}", str(item.folder / "checks.py"))
    try:
        source = submission if isinstance(submission, str) else code(
            submission if isinstance(submission, Source) else Source(submission))
    except Unreadable as error:
        return unchecked(item, student, str(error), tasks)
    results = []
    with Sandbox(source, item.file if isinstance(source, str) else f"{item.name}.ipynb", limits) as sandbox:
        try:
            sandbox.start()
        except StudentError as error:
            sandbox.close()
            return unchecked(item, student, str(error), tasks, sandbox.output)
        for task in tasks:
            on_task(task)
            results.append(_task(item, task, checks[task.number], sandbox))
    results = _with_causes(item, results, source if isinstance(source, str) else "\n".join(source))
    return Grade(item.name, student, tuple(results), sandbox.output, note=_why_nothing(item, results))


def _why_nothing(item: Assignment, results: list[TaskResult]) -> str:
    """Return why tasks earned nothing, when no check could say so: no task is written, or functions are missing."""
    if all(result.status == UNWRITTEN for result in results):
        return "no task is written"
    missing = [one.message for result in results if (one := result.failure) and one.message.startswith(MISSING)]
    return f"none of the functions of {item.name} is in it" if len(missing) == len(results) else "; ".join(missing)


def whole(number: float) -> float:
    """Return a number, as an int if it is whole, so that points look like points."""
    return int(number) if number == int(number) else number


def unchecked(item: Assignment, student: str, problem: str, tasks: Iterable[Task] | None = None, output: str = "",
              note: str = "") -> Grade:
    """Return the grade of a submission in which nothing could be checked."""
    results = tuple(TaskResult(task.number, task.title, task.points, 0, ERROR, task.hints)
                    for task in tasks or item.tasks)
    return Grade(item.name, student, results, output, problem, note)


def _task(item: Assignment, task: Task, checks: list, sandbox: Sandbox) -> TaskResult:
    try:
        sandbox.next_task()
    except StudentError as error:  # it loaded before, and now it does not
        outcomes = [Outcome(checks[0], False, str(error))]
    else:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # about the submission's values, which the checks compute with
            outcomes = run_task(checks, sandbox.student)
    last = outcomes[-1]
    others = [f"Task {other.number}:" for other in item.tasks if other != task]
    unwritten = last.unwritten and not any(words in last.message for words in others)
    status = PASSED if last.passed else UNWRITTEN if unwritten else FAILED if last.wrong else ERROR
    return TaskResult(task.number, task.title, task.points, task.points if last.passed else 0, status, task.hints,
                      tuple(map(_plain, outcomes)), mistake="" if last.passed else digest(last))


def _with_causes(item: Assignment, results: list[TaskResult], source: str) -> list[TaskResult]:
    """Say for each task that fails which others fail whose functions it uses, as far as the source shows it."""
    written = functions(source)
    failed = {item.task(result.number).function: result.number for result in results if result.status != PASSED}
    causes = {number: reached(written, function) for function, number in failed.items()}
    return [replace(result, because=tuple(number for function, number in failed.items()
                                          if function in causes.get(result.number, ()))) for result in results]


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
