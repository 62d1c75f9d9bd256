"""Signals that end a command: Ctrl-C, a request to terminate and a closed terminal all end it in the same way."""

import signal

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stopped(KeyboardInterrupt):
    """An interruption by a signal of this number."""

    def __init__(self, number: int):
        super().__init__()
        self.number = number


def listen() -> None:
    """Raise Stopped for every signal that is not ignored, as SIGHUP is under nohup."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def deafen() -> None:
    """Ignore further signals: the command is ending, and its last message should not be cut off."""
    for number in SIGNALS:
        if signal.getsignal(number) is _stop:
            signal.signal(number, signal.SIG_IGN)


def exit_code(error: KeyboardInterrupt) -> int:
    """Return 130 for Ctrl-C, 143 for a request to terminate, 129 for a closed terminal."""
    return 128 + getattr(error, "number", signal.SIGINT)


def _stop(number, frame):
    raise Stopped(number)
