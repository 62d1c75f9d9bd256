"""Whose hand-in it is, by the name of its file or folder: our own names, and those of Moodle and Canvas.

Moodle: ``FULL NAME_ID_assignsubmission_file_`` is a folder, or the start of a file's name (``mod/assign`` of Moodle).
Canvas: ``name_ID_FILE_a2.py``, ``name_LATE_ID_FILE_a2.py`` and ``anon_ID_FILE_a2.py`` (its ``content_zipper.rb``).
"""

import re
import unicodedata
from dataclasses import dataclass

MOODLE = re.compile(r"(?P<student>.+)_(?P<id>[0-9]+)_assignsubmission_[a-z]+_?(?P<file>.*)", re.DOTALL)
CANVAS = re.compile(r"(?:(?P<student>\w+?)_)??(?P<late>LATE_)?(?P<id>[0-9]{2,}|anon_[A-Za-z0-9]+)_"
                    r"(?:[0-9]{2,}_(?P<file>.+\.\w+)|(?:text|link)\.html)", re.DOTALL)
NUMBERED = re.compile(r"(?P<base>.+?)(?:-(?P<dash>[0-9]{1,3})| ?\((?P<bracket>[0-9]{1,3})\))", re.DOTALL)


@dataclass(frozen=True)
class Name:
    """What a name says. ``file``: what the student called the file, empty when the name does not tell."""

    student: str
    file: str = ""
    system: str = ""  # "moodle" or "canvas", with the ``id`` that it gives to the student
    id: str = ""
    late: bool = False


def read_name(entry: str, name: str, folder: bool = False) -> Name:
    """Return what an entry's name says: ``ann.py``, ``a2_ann.py`` and the folder ``ann`` are Ann's."""
    if found := MOODLE.fullmatch(entry):
        return Name(found["student"], found["file"], "moodle", found["id"])
    if not folder and (found := CANVAS.fullmatch(entry)):
        return Name(found["student"] or found["id"], found["file"] or "", "canvas", found["id"], bool(found["late"]))
    stem = entry if folder else stem_of(entry)
    return Name(re.sub(rf"\A{re.escape(name)}_(?=.)", "", stem, flags=re.IGNORECASE))


def folded(name: str) -> str:
    """Return a name in the form in which two ways to write it are the same."""
    return unicodedata.normalize("NFC", name).casefold()


def stem_of(file: str) -> str:
    """Return a file's name without its last suffix."""
    return file.rpartition(".")[0] or file


def numbered(stem: str) -> tuple[str, int]:
    """Split off the number of a later copy: ``a2-1`` and ``a2 (1)`` are ("a2", 1), ``a2`` is ("a2", 0)."""
    found = NUMBERED.fullmatch(stem)
    return (found["base"], int(found["dash"] or found["bracket"])) if found else (stem, 0)
