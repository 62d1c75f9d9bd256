"""Keep a grading, so that one student can be graded again: each grade without the values that its checks compared."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade, TaskResult
from minirearec_tutorials.grading.marking.rules import Rules, as_json, from_json

FILE = "grades.json"
OF_GRADE = ("student", "problem", "note", "deducted", "system", "id")
OF_TASK = ("number", "points", "earned", "status", "because", "mistake")


@dataclass(frozen=True)
class How:
    """How a grading was done: its rules, and when students handed in, by the names that are shown, as it was told."""

    rules: Rules = field(default_factory=Rules)
    times: dict[str, float] = field(default_factory=dict)


def record(item: Assignment, grades: Iterable[Grade], names: dict[str, str], how: How) -> str:
    """Return grades as JSON, each with the name of the student's page, and how they came about."""
    rows = [{**{key: getattr(grade, key) for key in OF_GRADE}, "page": names[grade.student],
             "tasks": [{key: getattr(task, key) for key in OF_TASK} for task in grade.tasks]} for grade in grades]
    return json.dumps({"assignment": item.name, "rules": as_json(how.rules), "times": how.times, "grades": rows},
                      indent=1) + "\n"


def recorded_how(item: Assignment, path: Path) -> How:
    """Return how an earlier grading was done. Raises ConfigError as ``recorded`` does."""
    with _errors(path):
        content = _content(item, path)
        if "rules" not in content:  # of an earlier version
            return How()
        return How(from_json(content["rules"]), {name: float(time) for name, time in content["times"].items()})


def recorded(item: Assignment, path: Path) -> tuple[list[Grade], dict[str, str]]:
    """Return the grades of an earlier grading, and the pages by student. Raises ConfigError for other files."""
    tasks = {task.number: task for task in item.tasks}
    with _errors(path):
        content = _content(item, path)
        grades = [Grade(item.name, **{key: row[key] for key in OF_GRADE}, tasks=tuple(
            TaskResult(title=tasks[task["number"]].title, hints=tasks[task["number"]].hints,
                       **{**{key: task[key] for key in OF_TASK}, "because": tuple(task["because"])})
            for task in row["tasks"])) for row in content["grades"]]
        return grades, {row["student"]: row["page"] for row in content["grades"]}


def _content(item: Assignment, path: Path) -> dict:
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["assignment"] != item.name:
        raise ConfigError(f"this is a grading of {content['assignment']}, not of {item.name}", str(path.parent))
    return content


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError("there is no earlier grading to add to", str(path.parent),
                          "Grade all submissions first, without --only.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"cannot be read ({error!r})", str(path),
                          "Grade all submissions again, with --force.") from None
