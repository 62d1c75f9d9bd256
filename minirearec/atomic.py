"""Write whole, then move: a file or folder gets its name only once it is complete.

Everything is written to a ``.part`` beside its place, flushed to the disk and then moved, which is one step for the
file system. After a crash, after an interruption or on a full disk, the old content is intact. The name of a ``.part``
is drawn at random and must be new: two writers never share one, and a link cannot lead the bytes elsewhere.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_bytes(path, content: bytes) -> None:
    """Replace the content of a file. Raises OSError when it cannot be written; the old content then stays."""
    with replacing(path) as part:
        part.write_bytes(content)


@contextmanager
def replacing(path) -> Iterator[Path]:
    """Yield a ``.part`` path to write to; move it over ``path`` when the block ends, remove it when the block fails."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    part.touch(exist_ok=False)
    try:
        yield part
        move(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def new_folder(path, replace: bool = False) -> Iterator[Path]:
    """Yield a temporary folder to fill; move it to ``path`` when the block ends, remove it when the block fails.

    Create missing parents. With ``replace``, what is at ``path`` gives way only once the new folder is on the disk.
    Raises OSError when ``path`` is a file or a folder that is not empty.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        yield part
        for file in filter(Path.is_file, part.rglob("*")):
            flush(file)
        part.chmod(0o777 & ~_umask())  # mkdtemp gives access to the owner only
        old = path.rename(part.with_suffix(".old")) if replace and os.path.lexists(path) else None
        try:
            os.rename(part, path)
        except BaseException:
            if old is not None:
                old.rename(path)
            raise
        flush_folder(path.parent)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def move(part: Path, path: Path) -> None:
    """Flush a finished file to the disk and move it over ``path``; flush the new name too, against a loss of power."""
    flush(part)
    os.replace(part, path)
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    with suppress(OSError):  # Windows and some network file systems cannot flush a folder
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_parts(folder: Path) -> None:
    """Remove the ``.part`` files that a killed process left in a folder. Call it when nobody else writes there."""
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            part.unlink()


def flush(path: Path) -> None:
    """Make sure that a file's bytes are on the disk, not only in the memory of the operating system."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
