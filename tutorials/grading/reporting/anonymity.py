"""Grades without names: each student is ``student-07`` or so, and one file outside of the pages knows who is who."""

import csv
import io
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.reporting.report import FORMULA

HEAD = ["anonymous", "student"]
SHORTEST = 3  # letters of a part of a name that would give it away


def pseudonyms(students: Iterable[str], known: dict[str, str]) -> dict[str, str]:
    """Return a pseudonym for each student, in an order drawn at random; students that have one keep theirs."""
    new = [student for student in students if student not in known]
    first = len(known) + 1
    numbers = list(range(first, first + len(new)))
    secrets.SystemRandom().shuffle(numbers)
    width = max(2, len(str(len(known) + len(new))))
    return {**known, **{student: f"student-{number:0{width}}" for student, number in zip(new, numbers, strict=True)}}


def anonymous(grade: Grade, names: dict[str, str]) -> Grade:
    """Return a grade under a pseudonym, without the student's name in what it says."""
    name = names[grade.student]
    texts = {key: hidden(getattr(grade, key), grade.student, name) for key in ("problem", "note", "output")}
    return replace(grade, student=name, system="", id="", **texts)


def hidden(text: str, student: str, name: str) -> str:
    """Return a text with a pseudonym in place of the student's name, whole or any part of three letters and more."""
    words = [student, *(word for word in re.split(r"[\s_.-]+", student) if len(word) >= SHORTEST)]
    edges = r"(?<![^\W_]){}(?![^\W_])"  # a1_ann.py names Ann, and annex does not
    return re.sub("|".join(edges.format(re.escape(word)) for word in words), lambda _: name, text,
                  flags=re.IGNORECASE)


def key_text(names: dict[str, str]) -> str:
    """Return the table of who is who. As in the table of grades, no name is a formula."""
    rows = sorted([name, "'" * student.startswith(FORMULA) + student] for student, name in names.items())
    into = io.StringIO()
    csv.writer(into, lineterminator="\n").writerows([HEAD, *rows])
    return into.getvalue()


def read_key(path: Path) -> dict[str, str]:
    """Return the pseudonyms of an earlier grading by student; none when there is no such file."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = list(csv.reader(file))
        if not rows or rows[0] != HEAD:
            raise ValueError
        return {student[student[:1] == "'" and student[1:].startswith(FORMULA):]: name for name, student in rows[1:]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError("this is not a table of who is who", str(path), "Move it away, and grade again.") from error
