"""Grades for Moodle and Canvas."""

import csv
import io
from dataclasses import replace

from minirearec_tutorials.grading.marking.grader import unchecked
from minirearec_tutorials.grading.reporting.systems import system_tables


def graded(tiny, student, system="", id="", earned=2.5, **more):
    grade = unchecked(tiny, student, **{"problem": "", **more})
    first, *rest = grade.tasks
    return replace(grade, system=system, id=id, tasks=(replace(first, earned=earned), *rest))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_worksheet_for_moodle(tiny):
    tables = system_tables(tiny, [graded(tiny, "=Ann, Lee", "moodle", "11", note="late"), graded(tiny, "bob")])
    assert list(tables) == ["moodle"]
    head, ann = rows(tables["moodle"])
    assert head == ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]
    assert (ann[:4], ann[5]) == (["Participant 11", "'=Ann, Lee", "2.5", "10"], "late") and ann[4].startswith("20")


def test_a_gradebook_for_canvas(tiny):
    grades = [graded(tiny, "poe", "canvas", "21"), graded(tiny, "anon_x", "canvas", "anon_x")]
    assert rows(system_tables(tiny, grades, "Tiny (42)")["canvas"]) == [
        ["Student", "ID", "Section", "Tiny (42)"], ["    Points Possible", "", "", "10"], ["poe", "21", "", "2.5"]]
    assert rows(system_tables(tiny, grades)["canvas"])[0][3] == "t1"


def test_nothing_for_a_class_that_uses_neither(tiny):
    assert system_tables(tiny, [graded(tiny, "ann"), graded(tiny, "anon_x", "canvas", "anon_x")]) == {}
