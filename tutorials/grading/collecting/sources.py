"""A file that was handed in, alone or in a zip, and the code in it: a Python file's text, or a notebook's cells."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from minirearec.plain import open_plain
from minirearec_tutorials.grading.collecting import archives
from minirearec_tutorials.grading.collecting.notebooks import cells

LARGEST = {".py": 5_000_000, ".ipynb": 10_000_000}  # bytes; notebooks hold outputs too


class Unreadable(Exception):
    """A hand-in that cannot be read as code; the message says why."""


@dataclass(frozen=True)
class Source:
    """A Python file or a notebook: a file, or a member of a zip."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """Return the last part of its name, such as ``a2.py``."""
        return PurePosixPath(self.member.replace("\\", "/")).name if self.member else self.path.name

    @property
    def suffix(self) -> str:
        """Return ``.py`` or ``.ipynb``, in small letters."""
        return PurePosixPath(self.name).suffix.lower()


def text(source: Source) -> str:
    """Return the text of a source. Raises Unreadable for what is not a text, or too large a one."""
    name, path, limit = source.name, source.path, LARGEST.get(source.suffix, LARGEST[".py"])
    try:
        if source.member:
            data = archives.content(path, source.member, limit + 1)
        elif not path.is_file():
            raise Unreadable(f"{name} is not there" if not os.path.lexists(path) else f"{name} is not a file")
        else:
            with open_plain(path) as file:
                data = file.read(limit + 1)
    except ValueError as error:
        raise Unreadable(f"{name} {error}") from None
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise Unreadable(f"{name} is larger than {limit / 1e6:g} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise Unreadable(f"{name} is not UTF-8 text (line {line}); save it as UTF-8") from None


def code(source: Source) -> str | tuple[str, ...]:
    """Return a Python file's text, or the cells of a notebook. Raises Unreadable."""
    found = text(source)
    if source.suffix != ".ipynb":
        return found
    try:
        return cells(found)
    except ValueError as error:
        raise Unreadable(f"{source.name} {error}") from None
