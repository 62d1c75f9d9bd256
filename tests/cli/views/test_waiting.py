"""One line while something runs: shown on a terminal, removed at the end, and nothing elsewhere."""

import io

import pytest
from rich.console import Console

from minirearec_cli import console
from minirearec_cli.views import waiting


def test_elsewhere_than_on_a_terminal_nothing_is_shown():
    stream = io.StringIO()
    with waiting.line(Console(file=stream), "checking") as change, waiting.bar(Console(file=stream), "x", 3) as done:
        change("checking task 2")
        done()
    assert stream.getvalue() == ""


def test_the_text_of_a_line_changes_and_is_no_markup(terminal):
    with waiting.line(console.notices(), "checking [task] 1"):
        pass
    assert "checking [task] 1" in terminal.getvalue()
    with waiting.line(console.notices(), "checking [task] 1") as change:
        change("checking [task] 2")
    assert "checking [task] 2" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K"), "the line is removed"


def test_a_bar_counts_what_is_done(terminal):
    with waiting.bar(console.notices(), "grading [a1]", 3) as done:
        for _ in range(3):
            done()
    shown = terminal.getvalue()
    assert "grading [a1]" in shown and "3/3" in shown


@pytest.mark.parametrize("wait", [lambda out: waiting.line(out, "x"), lambda out: waiting.bar(out, "x", 2)])
def test_the_cursor_comes_back_after_an_error(wait, terminal):
    with pytest.raises(ValueError, match="inside"), wait(console.notices()):
        raise ValueError("inside")
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")
