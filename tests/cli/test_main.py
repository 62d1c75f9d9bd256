"""The entry point: help is fast, and every error becomes one message and an exit code."""

import errno
import importlib
import json
import os
import subprocess
import sys

import pytest

from minirearec_cli import main
from minirearec_cli.main import COMMANDS

HEAVY = ("torch", "numpy", "rich", "requests", "platformdirs")


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_imports_nothing_heavy(words):
    code = f"""
import sys
from minirearec_cli.main import cli
try:
    cli({words!r})
except SystemExit as exit:
    print([name for name in {HEAVY!r} if name in sys.modules], exit.code, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"
    assert done.stdout


def test_the_group_names_every_command_and_imports_none(minirearec):
    text = minirearec("--help").stdout
    for name, line in COMMANDS.items():
        assert name in text and line.split(",")[0] in text


def test_version(minirearec):
    import minirearec as library

    assert minirearec("--version").stdout == f"minirearec {library.__version__}\n"


def test_no_room_for_the_output(finished, minirearec, refused, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(json, "dumps", full)  # where evaluate gets to its output
    refused(minirearec("evaluate", finished, "--json"), "no space left on the device")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_redirection_onto_a_full_disk(start, finished):
    with open("/dev/full", "w") as full:
        process = start("train", "--resume", finished, "--quiet", stdout=full)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "No space left" in stderr and "Traceback" not in stderr and "Exception ignored" not in stderr


def test_a_reader_that_leaves(start, finished):
    """``minirearec ... | head -1`` ends without a message."""
    process = start("train", "--resume", finished, "--quiet")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 1


@pytest.mark.parametrize("command", ["evaluate", "info"])
def test_ctrl_c_elsewhere(command, finished, minirearec, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    module = importlib.import_module(f"minirearec_cli.commands.{command}")
    monkeypatch.setattr(module.command, "callback", interrupted)
    result = minirearec(command, *[finished] * (command == "evaluate"))
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Interrupted.\n")


def test_a_bug_is_not_dressed_up(finished, minirearec, monkeypatch):
    """An error that the user cannot fix keeps its traceback."""
    module = importlib.import_module("minirearec_cli.commands.evaluate")

    def broken(*_, **__):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(module.command, "callback", broken)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        minirearec("evaluate", finished)


def test_the_command_line_is_remembered_as_it_was_typed(minirearec, monkeypatch):
    import click

    seen = []
    module = importlib.import_module("minirearec_cli.commands.evaluate")
    monkeypatch.setattr(module.command, "callback",
                        lambda **_: seen.append(click.get_current_context().meta[main.COMMAND_LINE]))
    minirearec("evaluate", "runs/my run", "--json")
    assert seen == ["minirearec evaluate 'runs/my run' --json"]


def test_only_a_full_disk_is_told_as_an_error_of_the_system(finished, minirearec, monkeypatch):
    def unplugged(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(json, "dumps", unplugged)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        minirearec("evaluate", finished, "--json")
