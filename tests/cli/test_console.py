"""The consoles: what goes to which stream, and what is left out where nothing can be redrawn."""

import io
import sys

import pytest
from rich.console import Console

from minirearec_cli import console
from minirearec_cli.views import downloads


def test_results_go_to_stdout_and_notices_to_stderr(capsys):
    console.say(console.results(), "the table")
    console.say(console.notices(), "the progress")
    assert capsys.readouterr() == ("the table\n", "the progress\n")


@pytest.mark.parametrize("no_color", [True, False])
def test_no_color_leaves_no_codes_at_all(no_color, terminal, monkeypatch):
    """Neither colours nor cursor movements, which Rich keeps on its own."""
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    console.warn(console.notices(), "Title", "message")
    bar = downloads.DownloadBar(console.notices())
    bar.total = 1_100_000
    bar.close()
    assert ("\x1b" in terminal.getvalue()) is not no_color
    assert "message" in terminal.getvalue()


@pytest.mark.parametrize("variable, value", [("TERM", "dumb"), ("NO_COLOR", "1")])
def test_only_a_capable_terminal_is_redrawn(variable, value, terminal, monkeypatch):
    assert console.can_animate(console.notices())
    monkeypatch.setenv(variable, value)
    assert not console.can_animate(console.notices())


def test_a_terminal_without_block_characters_is_not_redrawn(terminal):
    terminal.encoding = "latin-1"
    assert not console.can_animate(console.notices())


def test_a_long_line_with_brackets_is_printed_as_it_is():
    """It can be copied: not wrapped, and nothing in it is taken for markup or an emoji."""
    stream, line = io.StringIO(), "minirearec train --out '/tmp/[bold] :smile: " + "x" * 100 + "'"
    console.say(Console(file=stream, width=40), line)
    assert stream.getvalue() == line + "\n"


def test_a_warning_keeps_brackets(capsys):
    console.warn(console.notices(), "Careful", "[red]not markup[/red]")
    shown = capsys.readouterr().err
    assert "Careful" in shown and "[red]not markup[/red]" in shown


def test_labelled_lines_leave_out_what_is_empty():
    stream = io.StringIO()
    Console(file=stream, width=40).print(console.labelled({"Name": "beauty", "By hand": "", "Size": "3"}))
    assert [line.split() for line in stream.getvalue().splitlines()] == [["Name", "beauty"], ["Size", "3"]]


def test_plain_tables_have_a_line_below_the_head_and_no_frame():
    table = console.plain_table(title="scores")
    table.add_column("name")
    table.add_row("first")
    stream = io.StringIO()
    Console(file=stream, width=40).print(table)
    lines = [line.strip() for line in stream.getvalue().splitlines()]
    assert lines[0] == "scores" and lines[1] == "name" and set(lines[2]) == {"─"} and lines[3:] == ["first"]


def test_the_stream_of_the_moment_is_used(monkeypatch):
    """Consoles are made when they are needed, so whoever replaces sys.stdout gets the output."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    console.say(console.results(), "here")
    assert stream.getvalue() == "here\n"
