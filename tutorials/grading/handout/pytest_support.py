"""The tests beside a student's file: every task of an assignment as a test for pytest."""

from pathlib import Path

import pytest

from minirearec.text import printable
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.marking.grader import PASSED, grade
from minirearec_tutorials.grading.marking.report import task_text


def tests_of(name: str, path: Path):
    """Return a test with the tasks as parameters. It fails with what ``minirearec assignment check`` would say."""
    item = assignment(name)

    @pytest.mark.parametrize("number", [task.number for task in item.tasks])
    def test_task(number):
        result = grade(item, Path(path), only=[number])
        if result.problem:
            pytest.fail(printable(result.problem), pytrace=False)
        [task] = result.tasks
        if task.status != PASSED:
            pytest.fail(task_text(task), pytrace=False)

    return test_task


tests_of.__test__ = False  # not a test itself, whatever its name says
