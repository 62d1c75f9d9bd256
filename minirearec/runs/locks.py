"""Claim the folder of a new run, and keep two processes out of one run.

Every run has an empty file ``lock``. Whoever creates it owns the folder: of many processes that try at the same instant
the file system lets one succeed. Whoever trains holds a lock on it, which the operating system drops when the process
ends, however it ends.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from minirearec.atomic import remove_parts
from minirearec.errors import RunError

LOCK = "lock"
SHOWN = 3  # files that a message names before it counts the rest


def claim(path: Path) -> None:
    """Make the folder of a new run, or take an empty one. Raises RunError when it is taken or cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = sorted(os.listdir(path))
        if not found:
            os.close(os.open(path / LOCK, os.O_CREAT | os.O_EXCL, 0o666))
            return
    except OSError as error:
        if not isinstance(error, FileExistsError) or not path.is_dir():
            raise RunError(f"cannot make this directory ({error.strerror})", str(path),
                           "Choose a folder you may write to with --out.") from error
        found = [LOCK]  # another process was faster
    if "config.toml" in found:
        raise RunError("this directory already holds a run", str(path),
                       f"Choose another --out, or resume the run: minirearec train --resume {path}")
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise RunError(f"this directory is not empty: it holds {', '.join(found[:SHOWN])}{more}", str(path),
                   "Choose a new or an empty folder with --out.")


def refuse_run(path: Path) -> None:
    """Raise RunError for a folder that is a run: other runs do not go inside it."""
    if (path / "config.toml").exists():
        raise RunError("this folder is a run; several runs need a folder of their own", str(path),
                       "Choose another --out.")


def release(path: Path, *names: str) -> None:
    """Give back a claimed folder in which no run could be made: remove the lock, these files and half-written ones."""
    remove_parts(path)
    for name in (*names, LOCK):
        with suppress(OSError):
            (path / name).unlink()


def lock(path: Path, taken: str = "another process trains this run") -> int:
    """Lock a folder for training; the lock holds until the returned file descriptor is closed or the process ends.

    Remove what a killed process left half-written. Raises RunError, saying that it is ``taken``, when another process
    holds the lock.
    """
    place = path / LOCK
    try:  # O_NONBLOCK: a pipe of this name would wait for a writer
        file = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0),
                       0o666)
    except OSError as error:
        raise RunError(f"cannot be opened for writing ({error.strerror})", str(place),
                       "Training needs a run that you may write to.") from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise RunError("is not a regular file", str(place), "Remove it, and resume the run again.")
        if not _try_lock(file):
            raise RunError(taken, str(path),
                           "Wait until it ends, or stop it; a run cannot be trained twice at the same time.")
    except BaseException:
        os.close(file)
        raise
    remove_parts(path)
    return file


def _try_lock(file: int) -> bool:
    """Return whether the file could be locked; also True where the file system has no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks: better to train unlocked than not at all
    return True
