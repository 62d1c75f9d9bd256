"""The teacher's rules in ``grading.toml``, beside the release: other points, partial credit, and a time that is due.

A table for each assignment, in which every key may be left out; ``template`` explains them.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.finding import assignments
from minirearec_tutorials.grading.marking.grader import Grade, whole
from minirearec_tutorials.grading.marking.lateness import NOTE, Policy, how_late, read_policy

FILE = "grading.toml"
HEAD = """\
# Rules for grading: minirearec assignment grade a2 SUBMISSIONS --out grades.csv --rules grading.toml
# Remove the # before a rule to use it. If you change points, release the assignment again: its texts follow.
"""
EXAMPLES = """\
# partial = 0.5  # share of a task's points for a right example, if other checks fail
# due = 2026-05-01T18:00:00
# late = "10%/day"  # or note, zero, 1/day (points), 5%/hour
# similar = 0.4  # from this share of similar code on, two submissions are shown (--similarity)
# column = "Homework (42)"  # the assignment's column in Canvas
"""


@dataclass(frozen=True)
class Rules:
    """How an assignment is graded."""

    points: dict[str, int] = field(default_factory=dict)
    partial: float = 0.0
    due: datetime | None = None
    late: Policy = NOTE
    similar: float = 0.4
    column: str = ""

    def applied(self, item: Assignment) -> Assignment:
        """Return the assignment with these points."""
        return replace(item, other_points=bool(self.points), tasks=tuple(
            replace(task, points=self.points.get(task.number, task.points)) for task in item.tasks))

    def graded(self, grade: Grade, time: float | None) -> Grade:
        """Return a grade with partial credit, and less for being late; ``time``: when it was handed in."""
        tasks = tuple(replace(task, earned=whole(round(task.points * self.partial, 2)))
                      if task.failure and task.example_passed else task for task in grade.tasks)
        grade = replace(grade, tasks=tasks)
        late = 0.0 if self.due is None or time is None else time - self.due.timestamp()
        if late <= 0:
            return grade
        deducted = whole(self.late.deducted(grade.earned, late))
        note = how_late(late) + (f": -{deducted:g}" if deducted else "")
        return replace(grade, deducted=deducted, note="; ".join(filter(None, [grade.note, note])))


def load(path: Path, item: Assignment) -> Rules:
    """Return the rules of an assignment in a file. Raises ConfigError that says what is wrong with it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", str(path)) from error
    unknown = [name for name, other in given.items() if not isinstance(other, dict) or name not in assignments()]
    if unknown and item.name not in given:
        raise ConfigError(f"there is no table [{item.name}], and {unknown[0]!r} is no assignment of ours", str(path),
                          f"Write the rules below [{item.name}], or leave {unknown[0]} out.")
    table = given.get(item.name, {})
    where = f"{path}, [{item.name}]"
    if not isinstance(table, dict):
        raise ConfigError("must be a table", where, f"Write [{item.name}] on a line of its own.")
    values = {}
    for key, value in table.items():
        if key not in READ:
            raise ConfigError(f"unknown key {key!r}", where, f"The keys are {', '.join(READ)}.")
        try:
            values[key] = READ[key](value, item)
        except ValueError as error:
            raise ConfigError(f"{key} {error}", where) from None
    return Rules(**values)


def as_json(rules: Rules) -> dict:
    """Return rules as plain values; ``from_json`` reads them."""
    return {**asdict(rules), "due": rules.due and rules.due.isoformat(), "late": str(rules.late)}


def from_json(values: dict) -> Rules:
    """Return the rules in plain values. Raises ValueError, TypeError and KeyError for others."""
    due = values["due"]
    return Rules(**{**values, "due": due and datetime.fromisoformat(due), "late": read_policy(values["late"])})


def template(items: Iterable[Assignment], before: str = HEAD) -> str:
    """Return a file of rules that changes nothing yet, as every rule is a comment; below the text that was there."""
    parts = [before]
    for item in items:
        points = ", ".join(f'"{task.number}" = {task.points}' for task in item.tasks)
        parts.append(f"\n[{item.name}]  # {item.title}\n# points = {{{points}}}\n{EXAMPLES}")
    return "".join(parts)


def _points(value, item: Assignment) -> dict[str, int]:
    numbers = [task.number for task in item.tasks]
    if not isinstance(value, dict) or not all(type(points) is int and 0 <= points <= 1000 for points in value.values()):
        raise ValueError('must be whole numbers by task, as in {"2.3" = 6}')
    if unknown := [number for number in value if number not in numbers]:
        raise ValueError(f"names task {unknown[0]}; the tasks are {', '.join(numbers)}")
    return value


def _share(value, item: Assignment) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ValueError(f"must be a number from 0 to 1, not {value!r}")
    return float(value)


def _due(value, item: Assignment) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        raise ValueError("must have a time too, as in 2026-05-01T18:00:00")
    if not isinstance(value, datetime):
        raise ValueError(f"must be a date and time, as in 2026-05-01T18:00:00, not {value!r}")
    return value.astimezone()


def _late(value, item: Assignment) -> Policy:
    return read_policy(str(value))


def _column(value, item: Assignment) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r}")
    return value


READ = {"points": _points, "partial": _share, "due": _due, "late": _late, "similar": _share, "column": _column}
