"""No screen of ``check`` and ``grade`` breaks a word."""

from dataclasses import replace
from pathlib import Path

from minirearec_cli.views.assignment.grade_files import Graded
from minirearec_cli.views.assignment.grade_table import show_grades
from minirearec_cli.views.assignment.scoreboard import show_scoreboard
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.reporting.similarity import Pair
from minirearec_tutorials.grading.reporting.statistics import statistics
from tests.cli.test_words import check, terminal

ABOUT = "All of the heads are treated as one, which is a rather long way of saying it."


def test_check_and_grade(tiny):
    wrong, broken = grade(tiny, tiny.wrong_submission(tiny.wrong[0])), grade(tiny, "def double(:")
    grades = [replace(wrong, student="ann", note="called homework-final-2.py, and graded all the same"),
              replace(broken, student="bob")]
    pair = Pair(("ann", "bob"), 0.91, ("", ""), (frozenset(), frozenset()))
    found = Graded(grades, statistics(tiny, grades, {wrong.tasks[0].mistake: ABOUT}), [pair],
                   {"table": Path("grades.csv"), "pages": Path("grades/index.html")})

    def screen_at(width):
        paper = terminal(width)
        show_scoreboard(paper, tiny, wrong, "t1/t1.py", hints=2)
        show_scoreboard(paper, tiny, broken)
        show_grades(paper, tiny, found)
        return paper.file.getvalue()

    check(screen_at, "check and grade")
