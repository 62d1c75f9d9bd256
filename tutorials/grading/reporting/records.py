"""Keep a grading, so that one student can be graded again: each grade without the values that its checks compared."""

import json
from collections.abc import Iterable
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade, TaskResult

FILE = "grades.json"
OF_GRADE = ("student", "problem", "note", "deducted", "system", "id")
OF_TASK = ("number", "points", "earned", "status", "because", "mistake")


def record(item: Assignment, grades: Iterable[Grade], names: dict[str, str]) -> str:
    """Return grades as JSON, each with the name of the student's page."""
    rows = [{**{key: getattr(grade, key) for key in OF_GRADE}, "page": names[grade.student],
             "tasks": [{key: getattr(task, key) for key in OF_TASK} for task in grade.tasks]} for grade in grades]
    return json.dumps({"assignment": item.name, "grades": rows}, indent=1) + "\n"


def recorded(item: Assignment, path: Path) -> tuple[list[Grade], dict[str, str]]:
    """Return the grades of an earlier grading, and the pages by student. Raises ConfigError for other files."""
    tasks = {task.number: task for task in item.tasks}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["assignment"] != item.name:
            raise ConfigError(f"this is a grading of {content['assignment']}, not of {item.name}", str(path.parent))
        grades = [Grade(item.name, **{key: row[key] for key in OF_GRADE}, tasks=tuple(
            TaskResult(title=tasks[task["number"]].title, hints=tasks[task["number"]].hints,
                       **{**{key: task[key] for key in OF_TASK}, "because": tuple(task["because"])})
            for task in row["tasks"])) for row in content["grades"]]
        return grades, {row["student"]: row["page"] for row in content["grades"]}
    except OSError as error:
        raise ConfigError("there is no earlier grading to add to", str(path.parent),
                          "Grade all submissions first, without --only.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"cannot be read ({error!r})", str(path),
                          "Grade all submissions again, with --force.") from None
