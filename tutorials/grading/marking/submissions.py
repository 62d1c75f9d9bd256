"""Find what students handed in: a file or a folder for each student, in one folder."""

from dataclasses import dataclass, replace
from pathlib import Path

from minirearec.errors import ConfigError

NOT_STUDENTS = ("__MACOSX", "__pycache__")
DEEPEST = 2  # FOLDER/<student>/<anything>/a2.py, as unpacked archives and nbgrader have it


@dataclass(frozen=True)
class Submission:
    """A student's file. ``problem`` says why there is none, ``note`` which of several it is.

    ``entry`` is the name of the student's file or folder.
    """

    student: str
    entry: str
    path: Path | None
    problem: str = ""
    note: str = ""


def submissions(folder: Path, name: str, leave_out: tuple[Path, ...] = ()) -> tuple[list[Submission], list[str]]:
    """Return the submissions of assignment ``name``, in the order of students, and the names of all other entries.

    A student is a folder with ``<name>.py`` in it (or one level deeper), or a file ``<student>.py`` or
    ``<name>_<student>.py``. A folder without the file is a submission with a problem. Links that lead out of ``folder``
    are not followed. Raises ConfigError when there is no folder, or no submission in it.
    """
    if not folder.is_dir():
        raise ConfigError("there is no such folder" if not folder.exists() else "not a folder", str(folder),
                          f"Give the folder that holds each student's {name}.py, as STUDENT/{name}.py or STUDENT.py.")
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(folder)) from error
    root, away = folder.resolve(), {path.resolve() for path in leave_out}
    found, others = [], []
    for entry in entries:
        if entry.name.startswith(".") or entry.name in NOT_STUDENTS or entry.resolve() in away:
            continue
        if not entry.resolve().is_relative_to(root):
            if entry.suffix == ".py" or entry.is_dir():
                found.append(Submission(_student(entry, name), entry.name, None,
                                        f"{entry.name} is a link that leads out of {folder}"))
        elif entry.is_dir():
            found.append(_in_folder(entry, root, f"{name}.py"))
        elif entry.suffix == ".py":
            found.append(Submission(_student(entry, name), entry.name, entry))
        else:
            others.append(entry.name)
    if not found:
        raise ConfigError("there are no submissions in it", str(folder),
                          f"Submissions are STUDENT/{name}.py, STUDENT.py or {name}_STUDENT.py.")
    return sorted(_told_apart(found), key=lambda one: one.student), others


def _student(entry: Path, name: str) -> str:
    """Return whose entry it is: ``a2_ann.py`` and ``ann.py`` are Ann's, and so is the folder ``ann``."""
    stem = entry.stem if entry.suffix == ".py" else entry.name
    return stem.removeprefix(f"{name}_") or stem


def _in_folder(folder: Path, root: Path, wanted: str) -> Submission:
    """Return the submission in a student's folder: the least deep file, and the first by name of several."""
    candidates, problems = [], []
    try:
        for depth in range(1, DEEPEST + 1):
            for path in sorted(folder.glob("*/" * (depth - 1) + wanted)):
                if any(part.startswith(".") or part in NOT_STUDENTS for part in path.relative_to(folder).parts):
                    continue
                inside = path.resolve().is_relative_to(root)
                (candidates if inside else problems).append(path)
    except OSError as error:
        return Submission(folder.name, folder.name, None, f"{folder.name} cannot be read: {error.strerror}")
    if problems and not candidates:
        return Submission(folder.name, folder.name, None,
                          f"{problems[0].relative_to(folder)} is a link that leads out of the folder")
    if not candidates:
        notebooks = any(folder.glob("*.ipynb")) or any(folder.glob("*/*.ipynb"))
        hint = "; notebooks are graded by nbgrader" if notebooks else ""
        return Submission(folder.name, folder.name, None, f"no {wanted} in it{hint}")
    chosen, *rest = candidates
    left = ", ".join(str(path.relative_to(folder)) for path in rest)
    return Submission(folder.name, folder.name, chosen,
                      note=f"graded {chosen.relative_to(folder)}, not {left}" if rest else "")


def _told_apart(found: list[Submission]) -> list[Submission]:
    """Keep both of two submissions of one name, each under the name of its file or folder."""
    names = [one.student for one in found]
    return [one if names.count(one.student) == 1 else
            replace(one, student=one.entry, note="; ".join(filter(None, [
                one.note, f"there is more than one submission of {one.student}"]))) for one in found]
