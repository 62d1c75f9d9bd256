"""The tests beside a student's file: every task of an assignment as a test, for Python alone and for pytest."""

import unittest
from pathlib import Path

from minirearec.text import printable
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.marking.grader import PASSED, grade
from minirearec_tutorials.grading.reporting.report import task_text

__unittest = True  # unittest leaves the lines of this file out of its tracebacks


def tests_of(name: str, path: Path) -> type[unittest.TestCase]:
    """Return a test for each task. It fails with what ``minirearec assignment check`` would say."""
    item = assignment(name)
    methods = {f"test_{task.number.replace('.', '_')}_{task.function}": _test(item, path, task.number)
               for task in item.tasks}
    return type("Tests", (unittest.TestCase,), methods)


tests_of.__test__ = False  # not a test itself, whatever its name says


def _test(item: Assignment, path: Path, number: str):
    def test(self):
        __tracebackhide__ = True  # for pytest
        result = grade(item, path, only=[number])
        if result.problem:
            self.fail(printable(result.problem))
        [task] = result.tasks
        if task.status != PASSED:
            self.fail(task_text(task))

    return test
