"""Open plain files only: a pipe in place of a file would wait for ever, and a device may never end."""

import errno
import os
import stat
from typing import BinaryIO


def open_plain(path) -> BinaryIO:
    """Open a file to read its bytes. Raises OSError, at once, for a pipe, a socket or a device."""
    file = open(path, "rb", opener=_without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a plain file but a pipe, a socket or a device", str(path))
    return file


def _without_waiting(path, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # opening a pipe would wait for its writer
