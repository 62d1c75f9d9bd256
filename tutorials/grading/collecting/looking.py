"""Look into what lies in a folder of submissions: files, folders and zips become candidates, the rest reasons."""

import os
from collections.abc import Iterator
from pathlib import Path

from minirearec_tutorials.grading.collecting import archives
from minirearec_tutorials.grading.collecting.choosing import Candidate, listed
from minirearec_tutorials.grading.collecting.names import Name
from minirearec_tutorials.grading.collecting.sources import LARGEST, Source

SKIPPED = ("__MACOSX", "__pycache__", ".ipynb_checkpoints")
DEEPEST = 5  # levels of a student's folder; unpacked archives and nbgrader have FOLDER/<student>/<anything>/a2.py
MOST_FILES = 200  # of one student that are looked at
# What students hand in by mistake. Other files beside submissions are the teacher's own.
MISTAKEN = {".rar", ".7z", ".gz", ".tgz", ".tar", ".xz", ".bz2", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages",
            ".pyc", ".jpg", ".jpeg", ".png"}


def real(path: Path) -> Path:
    """Return where a path leads, through all links. Path.resolve would raise for a link to itself."""
    return Path(os.path.realpath(path))


def is_from_a_student(entry: Path, name: Name) -> bool:
    """Return whether an entry is somebody's hand-in, right or wrong."""
    return bool(name.system) or entry.is_dir() or _suffix(entry.name) in {*LARGEST, ".zip", *MISTAKEN}


def look_at(entry: Path, name: Name, root: Path) -> tuple[list[Candidate], list[str]]:
    """Return the candidates in an entry, and what is wrong with the rest. Follows no link that leads out of it."""
    if real(entry) != real(root) / entry.name:
        return [], [f"{entry.name} is a link; hand in the file itself"]
    if not entry.is_dir():
        return _candidates(entry, name.file or entry.name, 0, named=not name.file)
    candidates: list[Candidate] = []
    problems: list[str] = []
    try:
        for path, depth in _files(entry):
            shown = path.relative_to(entry).as_posix()
            if real(path).is_relative_to(real(entry)):
                more, wrong = _candidates(path, shown, depth)
                candidates += more
                problems += wrong
            elif _suffix(path.name) in LARGEST:
                problems.append(f"{shown} is a link that leads out of the folder")
    except OSError as error:
        problems.append(f"{entry.name} cannot be read: {error.strerror}")
    return candidates, problems


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files of a student with their depth, the least deep first; nothing hidden."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        here, depth = waiting.pop(0)
        for path in sorted(here.iterdir()):
            if path.name.startswith(".") or path.name in SKIPPED:
                continue
            if path.is_dir() and not path.is_symlink():
                if depth + 1 < DEEPEST:
                    waiting.append((path, depth + 1))
            elif (seen := seen + 1) <= MOST_FILES:
                yield path, depth


def _candidates(path: Path, shown: str, depth: int, named: bool = False) -> tuple[list[Candidate], list[str]]:
    """Return a file, or what is in a zip, as candidates."""
    if _suffix(path.name) == ".zip":
        return _in_zip(path, shown, depth + 1)
    if _suffix(path.name) in LARGEST:
        return [Candidate(Source(path), shown, depth, named, _changed(path))], []
    return [], [f"{shown[:100]} is neither a Python file nor a notebook nor a zip"]


def _in_zip(path: Path, shown: str, depth: int) -> tuple[list[Candidate], list[str]]:
    candidates, others, problems = [], [], []
    try:
        for member in archives.members(path):
            inside = member.replace("\\", "/")
            parts = inside.split("/")
            if ".." in parts or not parts[0] or ":" in parts[0]:
                problems.append(f"{shown} holds {member[:100]}, a path that leads out of it")
            elif any(part.startswith(".") or part in SKIPPED for part in parts):
                continue
            elif _suffix(parts[-1]) in LARGEST and len(candidates) < MOST_FILES:
                candidates.append(Candidate(Source(path, member), f"{shown}/{inside}", depth + len(parts) - 1,
                                            time=_changed(path)))
            else:
                others.append(member)
    except ValueError as error:
        problems.append(f"{shown} {error}")
    except OSError as error:
        problems.append(f"{shown} cannot be read: {error.strerror}")
    if not candidates and not problems:
        problems.append(f"{shown} holds {listed(others)}" if others else f"{shown} is empty")
    return candidates, problems


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _changed(path: Path) -> float | None:
    """Return when a file was changed last."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None
