"""A class of 40 mixed submissions: one line each, the right points, a reason for none; and who copied from whom."""

from pathlib import Path

import pytest

from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.collecting.sources import Unreadable, code
from minirearec_tutorials.grading.collecting.submissions import submissions
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.marking.mistakes import known_mistakes
from minirearec_tutorials.grading.marking.pool import grade_all
from minirearec_tutorials.grading.reporting.report import remark
from minirearec_tutorials.grading.reporting.similarity import similar_pairs
from minirearec_tutorials.grading.reporting.statistics import statistics
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits
from tests.tutorials.classroom.building import COPIES, Expected, build

LIMITS = Limits(call=3.0, load=6.0)  # so that those who hang do not take long


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> tuple[Path, dict[str, Expected]]:
    folder = tmp_path_factory.mktemp("class")
    return folder, build(folder)


@pytest.fixture(scope="module")
def grades(handed_in) -> list[Grade]:
    folder, _ = handed_in
    item = assignment("a2")
    return grade_all(item, submissions(folder, item)[0], jobs=2, limits=LIMITS)


def test_everybody_has_one_line_with_the_right_points_and_the_reason(handed_in, grades):
    _, expected = handed_in
    assert sorted(grade.student for grade in grades) == sorted(expected)
    assert {grade.student: grade.earned for grade in grades} == {name: one.points for name, one in expected.items()}
    for grade in grades:
        says = expected[grade.student].says
        assert says in remark(grade) if says else not remark(grade), (grade.student, remark(grade))


def test_only_the_teachers_file_is_ignored(handed_in):
    assert submissions(handed_in[0], assignment("a2"))[1] == ["notes.txt"]


def test_the_commonest_mistake_is_named(grades):
    item = assignment("a2")
    by_task = {one.task.number: one for one in statistics(item, grades, known_mistakes(item, ["2.2", "2.3"]))}
    assert sorted(by_task["2.2"].mistakes) == [(2, "Division by d instead of sqrt(d)."),
                                               (2, "The division by sqrt(d) is missing.")]
    assert (1, "One maximum is subtracted from all rows, so a row far below it becomes 0/0.") in by_task["2.3"].mistakes


@pytest.mark.parametrize("least", [0.4, 0.2])
def test_copies_are_found_and_independent_solutions_are_not(handed_in, least):
    """Those of the whole class, whatever kind of file they are in, at the usual threshold and far below it."""
    item = assignment("a2")
    sources = {}
    for one in submissions(handed_in[0], item)[0]:
        try:
            text = code(one.source) if one.source else ""
        except Unreadable:
            continue
        sources[one.student] = text if isinstance(text, str) else "\n".join(text)
    pairs = similar_pairs(sources, [item.stub(), item.solution()], least)
    assert {pair.students for pair in pairs} == COPIES
