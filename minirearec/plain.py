"""Open plain files only: a pipe in place of a file would wait for ever, and a device may never end."""

import errno
import os
import stat
from io import BufferedReader


def open_plain(path) -> BufferedReader:
    """Open a file to read its bytes. Raises OSError, at once, for a pipe, a socket or a device."""
    return open(path, "rb", opener=_opener)


def _opener(path, flags: int) -> int:
    number = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # opening a pipe would wait for its writer
    kind = os.fstat(number).st_mode
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):  # open() itself refuses directories
        os.close(number)
        raise OSError(errno.EINVAL, "not a plain file but a pipe, a socket or a device", path)
    return number
