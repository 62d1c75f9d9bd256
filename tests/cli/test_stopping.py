"""Signals that end a command."""

import os
import signal

import pytest

from minirearec_cli import stopping


@pytest.fixture
def handlers():
    """Restore what handles signals, and return nothing."""
    before = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_signal_interrupts_once(number, handlers):
    signal.signal(number, signal.SIG_DFL)
    stopping.listen()
    with pytest.raises(stopping.Stopped) as stopped:
        os.kill(os.getpid(), number)
    assert stopping.exit_code(stopped.value) == 128 + number
    stopping.deafen()
    os.kill(os.getpid(), number)  # the last message is not cut off


def test_an_ignored_signal_stays_ignored(handlers):
    """A command in the background of a script ignores Ctrl-C; with nohup it outlives its terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping.listen()
    os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_handlers_of_others_are_left_alone(handlers):
    before = signal.getsignal(signal.SIGINT)
    stopping.deafen()
    assert signal.getsignal(signal.SIGINT) is before and stopping.exit_code(KeyboardInterrupt()) == 130
