"""The scoreboard."""

import io

import pytest
from rich.console import Console

from minirearec_cli.views.assignment.scoreboard import show_scoreboard
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.marking.grader import grade


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_console(tiny, width):
    into = io.StringIO()
    console = Console(file=into, width=width, force_terminal=True, color_system=None)
    item = assignment("a2")
    result = grade(item, item.wrong_submission(item.wrong[0]))
    show_scoreboard(console, item, result)
    assert max(map(len, into.getvalue().splitlines())) <= width
