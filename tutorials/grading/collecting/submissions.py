"""Find what students handed in, in one folder: one submission for each student, with a reason where there is none."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.collecting.choosing import Candidate, choose, listed
from minirearec_tutorials.grading.collecting.looking import SKIPPED, is_from_a_student, look_at, real
from minirearec_tutorials.grading.collecting.names import Name, folded, numbered, read_name
from minirearec_tutorials.grading.collecting.sources import Source


@dataclass(frozen=True)
class Submission:
    """A student's code. ``problem`` says why there is none, ``note`` what a teacher should know.

    ``system`` and ``id`` are those of a download from Moodle or Canvas. ``time``: when the file was changed last, in
    seconds since 1970.
    """

    student: str
    source: Source | None
    problem: str = ""
    note: str = ""
    system: str = ""
    id: str = ""
    time: float | None = None


@dataclass
class _Person:
    """A student, and all that was found in the student's entries."""

    name: Name
    entries: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    late: bool = False


def submissions(folder: Path, item: Assignment,
                leave_out: tuple[Path, ...] = ()) -> tuple[list[Submission], list[str]]:
    """Return one submission for each student, in the order of students, and the names of all other entries.

    A student is a folder, a Python file, a notebook or a zip. All entries of one name, or of one id in Moodle or
    Canvas, are one student's. Raises ConfigError when there is no folder, or no submission in it.
    """
    people: dict[tuple[str, str], _Person] = {}
    others = []
    for entry in _entries(folder, item, set(map(real, leave_out))):
        name = read_name(entry.name, item.name, entry.is_dir())
        if not is_from_a_student(entry, name):
            others.append(entry.name)
            continue
        person = people.setdefault(_key(name), _Person(name))
        candidates, problems = look_at(entry, name, folder)
        person.entries.append(entry.name)
        person.candidates += candidates
        person.problems += problems
        person.late |= name.late
    if not people:
        raise ConfigError("there are no submissions in it", str(folder),
                          f"Submissions are STUDENT/{item.file}, STUDENT.py or {item.name}_STUDENT.py.")
    _join_copies(people)
    names = Counter(person.name.student for person in people.values())
    found = [_submission(person, item, names[person.name.student] > 1) for person in people.values()]
    return sorted(found, key=lambda one: one.student), others


def _entries(folder: Path, item: Assignment, away: set[Path]) -> Iterable[Path]:
    if not folder.is_dir():
        fix = "Unpack it into a folder first." if folder.suffix == ".zip" and folder.exists() else (
            f"Give the folder that holds each student's {item.file}, as STUDENT/{item.file} or STUDENT.py.")
        raise ConfigError("not a folder" if folder.exists() else "there is no such folder", str(folder), fix)
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(folder)) from error
    return [path for path in found
            if not path.name.startswith(".") and path.name not in SKIPPED and real(path) not in away]


def _key(name: Name) -> tuple[str, str]:
    return name.system, name.id or folded(name.student)


def _join_copies(people: dict[tuple[str, str], _Person]) -> None:
    """Give ``ann-1`` and ``ann (1)`` to ``ann``, if there is one."""
    for key in list(people):
        base, number = numbered(key[1])
        if number and not key[0] and ("", base) in people:
            copy, person = people.pop(key), people["", base]
            person.entries += copy.entries
            person.problems += copy.problems
            person.candidates += [replace(one, copy=number) for one in copy.candidates]


def _submission(person: _Person, item: Assignment, shared: bool) -> Submission:
    """Choose what to grade. ``shared``: another student has the same name."""
    name = person.name
    student = f"{name.student} ({name.id or person.entries[0]})" if shared else name.student
    chosen, note = choose(person.candidates, item)
    notes = [note, "Canvas marks it as late" if person.late else ""]
    if numbered(name.student)[0] == item.name and not name.system:
        notes.append(f"{person.entries[0]} does not say whose it is")
    problem = "" if chosen else _why_none(person, item)
    return Submission(student, chosen and chosen.source, problem, "; ".join(filter(None, notes)), name.system, name.id,
                      chosen and chosen.time)


def _why_none(person: _Person, item: Assignment) -> str:
    """Say why nothing of a student can be graded."""
    reasons = person.problems[:3]
    if person.candidates:
        tried = listed([one.shown for one in person.candidates])
        reasons.insert(0, f"no {item.file} in it, and none of its functions in {tried}")
    return "; ".join(reasons) or f"no {item.file} in it"
