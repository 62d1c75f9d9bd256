"""The scoreboard."""

import io

import pytest
from rich.console import Console

from minirearec_cli.views.assignment.scoreboard import next_step, show_scoreboard
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.marking.grader import grade, unchecked


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_console(tiny, width):
    into = io.StringIO()
    console = Console(file=into, width=width, force_terminal=True, color_system=None)
    item = assignment("a2")
    result = grade(item, item.wrong_submission(item.wrong[0]))
    show_scoreboard(console, item, result)
    assert max(map(len, into.getvalue().splitlines())) <= width


@pytest.mark.parametrize("source, says", [
    ("def double(:", "Nothing could be checked. Fix this first."),
    ("solution", "Everything that was checked is right."),
    ("stub", "Next: task 1.1, Twice"), ("wrong", "Next: task 1.1, Twice")])
def test_the_next_step(tiny, source, says):
    texts = {"solution": tiny.solution(), "stub": tiny.stub(), "wrong": tiny.wrong_submission(tiny.wrong[0])}
    assert next_step(grade(tiny, texts.get(source, source))) == says


def test_what_fails_comes_before_what_is_not_written(tiny):
    source = tiny.stub().replace('raise NotImplementedError("Task 1.2: total")', "return 1.0")
    assert next_step(grade(tiny, source)) == "Next: task 1.2, The sum"


def test_a_console_without_unicode_gets_plain_marks(tiny):
    into = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Console(file=into, width=80, color_system=None)
    show_scoreboard(console, tiny, unchecked(tiny, "ann", "no t1.py in it"))
    into.seek(0)
    text = into.read()
    assert "no t1.py in it" in text and "  x  1.1  Twice" in text and "0 of 10 points" in text
