"""The scoreboard."""

import io
from dataclasses import replace

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


NEEDS = "\ndef double(x): return 3 * x\ndef total(x): return double(x).sum()\n"


def test_a_task_that_fails_because_of_another_says_so_and_is_not_the_next(tiny):
    into = io.StringIO()
    result = grade(tiny, tiny.solution().replace("return 48151.623", "return 0") + NEEDS)
    show_scoreboard(Console(file=into, width=100, color_system=None), tiny, result)
    assert "failed; needs 1.1" in into.getvalue()
    assert "It uses your function of task 1.1, which fails: fix that first." in into.getvalue()
    assert next_step(result) == "Next: task 1.1, Twice"
    reordered = replace(result, tasks=(result.tasks[1], result.tasks[0], result.tasks[2]))
    assert next_step(reordered) == "Next: task 1.1, Twice", "not 1.2, which needs it"


@pytest.mark.parametrize("hints, shown", [
    (0, []), (1, ["Start from 0."]), (2, ["Start from 0.", "x.sum() is an array's."])])
def test_hints_come_in_stages(tiny, hints, shown):
    into = io.StringIO()
    result = grade(tiny, tiny.solution() + "\ndef total(x): return 0.0\n")
    show_scoreboard(Console(file=into, width=100, color_system=None), tiny, result, hints=hints)
    assert [line.strip().removeprefix("Hint: ") for line in into.getvalue().splitlines() if "Hint: " in line] == shown
