"""Report grades: CSV for a teacher's table, results.json for Gradescope, a dict for --json, plain text elsewhere."""

import csv
import io
import re
from collections.abc import Iterable

import numpy as np

from minirearec.text import printable
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.checks.explanation import explain
from minirearec_tutorials.grading.checks.runner import Outcome
from minirearec_tutorials.grading.marking.grader import PASSED, UNWRITTEN, Grade, TaskResult

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # starts of what a spreadsheet would compute
LONGEST_NAME = 80
OWN_PAGES = ("index", "similar", "grades")


def csv_text(item: Assignment, grades: Iterable[Grade]) -> str:
    """Return a table with a line for each student: name, points of each task, total, out_of, problem.

    Points taken off for being late have a column of their own, before the total, if there are any.
    """
    grades = list(grades)
    late = any(grade.deducted for grade in grades)
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow(["student", *(task.number for task in item.tasks), *["late"] * late, "total", "out_of", "problem"])
    for grade in grades:
        writer.writerow([cell(grade.student), *(task.earned for task in grade.tasks), *[-grade.deducted] * late,
                         grade.earned, grade.points, cell(remark(grade))])
    return into.getvalue()


def remark(grade: Grade) -> str:
    """Return what a teacher should know about a grade, in one text."""
    return "; ".join(filter(None, [grade.problem, grade.note]))


def cell(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula."""
    text = " ".join(printable(text).split())
    return "'" + text if text.startswith(FORMULA) else text


def gradescope(grade: Grade) -> dict:
    """Return the content of Gradescope's results.json (its autograder specification, "Output format")."""
    printed = grade.output and f"Printed:\n{grade.output}"
    return {
        "score": grade.earned,
        "output": printable("\n".join(filter(None, [grade.problem, grade.note, printed]))),
        "visibility": "visible",
        "tests": [{"name": f"{task.number} {task.title}", "number": task.number, "score": task.earned,
                   "max_score": task.points, "status": "passed" if task.status == PASSED else "failed",
                   "output": task_text(task), "visibility": "visible"} for task in grade.tasks]}


def task_text(task: TaskResult) -> str:
    """Say how a task went, as plain text."""
    failure = task.failure
    if failure is None:
        return "" if task.status == PASSED else "It could not be checked."
    hint = f"\nHint: {task.hints[0]}" if task.hints and task.status != UNWRITTEN else ""
    return printable("\n".join(filter(None, [explain(failure), causes(task)])) + hint)


def causes(task: TaskResult) -> str:
    """Say which other tasks fail whose functions a task uses; empty when there is none."""
    if not task.because:
        return ""
    several = len(task.because) > 1
    return (f"It uses your functions of the tasks {', '.join(task.because)}, which fail: fix those first." if several
            else f"It uses your function of task {task.because[0]}, which fails: fix that first.")


def as_dict(grade: Grade) -> dict:
    """Return a grade as JSON can hold it."""
    return {"assignment": grade.assignment, "student": grade.student, "earned": grade.earned, "points": grade.points,
            "deducted": grade.deducted, "problem": grade.problem, "note": grade.note, "output": grade.output,
            "tasks": [{"number": task.number, "title": task.title, "earned": task.earned, "points": task.points,
                       "status": task.status, "hints": task.hints, "because": task.because,
                       "checks": [_outcome(outcome) for outcome in task.outcomes]} for task in grade.tasks]}


def _outcome(outcome: Outcome) -> dict:
    function, args, named = outcome.call or ("", (), {})
    return {"name": outcome.check.name, "about": outcome.check.about, "passed": outcome.passed,
            "message": outcome.message, "inputs": _jsonable(outcome.drawn), "function": function,
            "args": _jsonable(args), "named": _jsonable(named), "got": _jsonable(outcome.got),
            "expected": _jsonable(outcome.expected)}


def _jsonable(value):
    """Return a value with lists for arrays, and texts for the numbers that JSON lacks."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _jsonable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(part) for part in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def page_names(students: Iterable[str], used: Iterable[str] = ()) -> list[str]:
    """Return a file name for each student, without a suffix: safe in any file system, no two the same, none used."""
    taken, names = {*OWN_PAGES, *(name.casefold() for name in used)}, []
    for student in students:
        base = name = re.sub(r"[^\w.-]+", "_", student).strip("._-")[:LONGEST_NAME] or "student"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
