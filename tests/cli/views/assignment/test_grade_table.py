"""A grading on the terminal."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from minirearec_cli.views.assignment.grade_files import Graded
from minirearec_cli.views.assignment.grade_table import show_grades
from minirearec_tutorials.grading.marking.grader import unchecked
from minirearec_tutorials.grading.reporting.similarity import Pair
from minirearec_tutorials.grading.reporting.statistics import TaskStatistics

PLACES = {"table": Path("out.csv"), "pages": Path("out/index.html")}


def shown(tiny, grades, statistics=(), pairs=None, places=PLACES, width=80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show_grades(console, tiny, Graded(grades, list(statistics), pairs, places))
    return console.file.getvalue()


def test_a_line_for_each_student(tiny):
    text = shown(tiny, [unchecked(tiny, "a\x1bnn", "gone")])
    assert "a\\x1bnn" in text and "gone" in text and "\x1b" not in text
    assert "1 submission, on average 0.0 of 10 points" in text and "Table: out.csv" in text
    assert "late" not in text and "imilar" not in text


def test_being_late_and_where_files_are(tiny):
    grades = [replace(unchecked(tiny, "ann", "", note="1 day late: -1.5"), deducted=1.5), unchecked(tiny, "bob", "")]
    places = {**PLACES, "moodle": Path("out-moodle.csv"), "names": Path("out-names.csv"), "similar": Path("s.html")}
    text = shown(tiny, grades, pairs=[], places=places)
    head, ann = [line.split() for line in text.splitlines() if line.split()[:1] in (["student"], ["ann"])]
    assert "late" in head and "-1.5" in ann and "1 day late: -1.5" in text
    assert "No two submissions are similar." in text
    assert "For Moodle, as a grading worksheet: out-moodle.csv" in text
    assert "Who is who, for you only: out-names.csv" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_statistics_and_pairs_fit(tiny, width):
    about = "All of the heads are treated as one, which is a rather long way of saying it."
    statistics = [TaskStatistics(task, 3, 1, 4, 1.5, ((2, about), (1, "other"))) for task in tiny.tasks]
    pair = Pair(("ann", "b\x1bob"), 0.914, ("", ""), (frozenset(), frozenset()))
    text = shown(tiny, [unchecked(tiny, "ann", "")], statistics, [pair], width=width)
    assert max(map(len, text.splitlines())) <= max(width, 90) and "Similar, 91 %: ann and b\\x1bob" in text
    assert " ".join(f"2 x {about}".split()[:6]) in " ".join(text.split()) and "other" not in text
