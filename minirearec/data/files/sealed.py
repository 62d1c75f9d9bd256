"""The seal of a data set's folder: damage to any of its files is found before the file is used.

dataset.toml lists the sha256 of every other file as ``[contents]``. Its first line holds the sha256 of what follows.
"""

import hashlib
import os
import stat
import tomllib
from pathlib import Path

from minirearec.data.files.lines import short, unreadable
from minirearec.data.files.remote import file_sha256
from minirearec.errors import DataError

DESCRIPTION = "dataset.toml"
FIX = "The directory is damaged or incomplete; import or fetch the data again."
CONTENTS = "contents"


def contents(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file in a new folder, by name."""
    return {path.name: file_sha256(path) for path in sorted(folder.iterdir())}


def sealed(text: bytes) -> bytes:
    """Return a description below a line with its sha256."""
    return _seal(text) + text


def check_seal(content: bytes, where: Path, fix: str = FIX) -> None:
    """Raise DataError unless a description is what was written. Folders of earlier versions have no seal."""
    first, end, rest = content.partition(b"\n")
    if first + end != _seal(rest) and (first.startswith(b"seal") or f"\n[{CONTENTS}]".encode() in content):
        raise DataError("is not as it was written", str(where), fix)


def read_sealed(where: Path, fix: str) -> dict:
    """Read a description. Raises DataError when it is damaged, and FileNotFoundError when there is none."""
    try:
        refuse_special(where, fix)
        content = where.read_bytes()
        check_seal(content, where, fix)
        return tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(where, error) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"not TOML ({short(error, 80)})", str(where), fix) from None


def check_kinds(about: dict, kinds: dict[str, type], where: Path, fix: str) -> None:
    """Raise DataError unless a description has a value of the right type for each of these keys."""
    for key, kind in kinds.items():
        if type(about.get(key)) is not kind:
            raise DataError(f"{key} is missing or not of type {kind.__name__}", str(where), fix)


def refuse_special(path: Path, fix: str = FIX) -> None:
    """Raise DataError for a link, a folder, a pipe or a device, and FileNotFoundError when there is nothing."""
    kind = os.lstat(path).st_mode
    if not stat.S_ISREG(kind):
        raise DataError(f"is {'a link' if stat.S_ISLNK(kind) else 'not a plain file'}", str(path), fix)


class Files:
    """The files of a folder. Each is checked before it is read: a plain file, no link, with the sha256 recorded for it.

    ``sums``: what ``contents`` returned; None for a folder of an earlier version, which recorded none.
    ``fix``: what a message advises.
    """

    def __init__(self, folder: Path, sums: dict[str, str] | None, fix: str = FIX):
        self.folder, self.sums, self.fix = folder, sums, fix

    def __contains__(self, name: str) -> bool:
        return name in self.sums if self.sums is not None else os.path.lexists(self.folder / name)

    def checked(self, name: str) -> Path:
        """Return the path of a file. Raises DataError when it is missing, not a plain file or not what was recorded."""
        path = self.folder / name
        try:
            refuse_special(path, self.fix)
            if self.sums is not None and file_sha256(path) != self.sums.get(name):
                raise DataError("does not have the sha256 that was recorded for it", str(path), self.fix)
        except FileNotFoundError:
            raise DataError(f"{name} is missing", str(self.folder), self.fix) from None
        except OSError as error:
            raise unreadable(path, error) from error
        return path


def _seal(text: bytes) -> bytes:
    return f'seal = "{hashlib.sha256(text).hexdigest()}"\n'.encode()
