"""Guard stdout and stderr: a command never fails because of them, and no text from others controls the terminal."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from minirearec.text import printable


class Guard:
    """A text stream that escapes what is not printable or not in its encoding, and that remembers its first failure.

    After a failure (closed, a full disk, a reader that left) it drops everything: the command finishes its work.
    """

    def __init__(self, stream):
        self.stream, self.failure = stream, None  # Python has None for a stream that was closed at the start
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.canvas = Canvas(self)

    def write(self, text: str) -> int:
        return self.put(printable(text))

    def put(self, text: str) -> int:
        """Write a text as it is, except for characters that the encoding lacks."""
        self._attempt(lambda: self.stream.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding)))
        return len(text)

    def flush(self) -> None:
        if self.stream is not None:
            self._attempt(self.stream.flush)

    def isatty(self) -> bool:
        return self.stream is not None and self.stream.isatty()

    def fileno(self) -> int:
        if self.stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self.stream.fileno()

    def _attempt(self, action) -> None:
        if self.failure is not None:
            return
        if self.stream is None:
            self.failure = OSError(errno.EBADF, "it is closed")
            return
        try:
            action()
        except (OSError, ValueError) as error:
            self.failure = error
            self._drop()

    def _drop(self) -> None:
        """Redirect the stream to the null device: Python writes the rest of its buffer when it exits."""
        with suppress(OSError, ValueError):  # not a real file, as under a test
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.stream.fileno())
            os.close(null)


class Canvas:
    """The face of a guard that a console draws on: control codes pass, because the console escapes those of others."""

    def __init__(self, guard: Guard):
        self.write, self.flush, self.fileno, self.isatty = guard.put, guard.flush, guard.fileno, guard.isatty
        self.encoding = guard.encoding


@contextmanager
def guarded() -> Iterator[tuple[Guard, Guard]]:
    """Yield the guards of stdout and stderr, which take their places until the block ends."""
    streams = sys.stdout, sys.stderr
    guards = Guard(sys.stdout), Guard(sys.stderr)
    sys.stdout, sys.stderr = guards
    try:
        yield guards
    finally:
        sys.stdout, sys.stderr = streams


def occupy_closed() -> None:
    """Open the null device in place of standard streams that are closed: the next file would get their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
