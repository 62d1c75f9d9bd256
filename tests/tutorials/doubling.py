"""The assignment b1, found by its name, on which cells and commands are tried."""

import pytest

from minirearec_tutorials.grading.assignment import finding
from minirearec_tutorials.grading.assignment.contents import Assignment

TOML = """
name = "b1"
title = "Doubling"
summary = "Twice."
topics = ["numbers"]
notebook = 0
[[tasks]]
number = "1"
title = "Twice"
function = "double"
points = 3
hints = ["Add it to itself."]
"""
SOLUTION = '''"""Assignment b1."""
import numpy as np


# Task 1: Twice (3 points)
def double(values):
    """2 x"""
    ### BEGIN SOLUTION
    return values + values
    ### END SOLUTION
'''
CHECKS = '''
import numpy as np
from minirearec_tutorials.grading.checks import check, expect_close, numbers, seeds, sizes

@check("1")
def two_numbers(student):
    """Twice 1 and 3."""
    expect_close(student.double(np.array([1.0, 3.0])), np.array([2.0, 6.0]), "double(values)")

@check("1", size=sizes(1, 5), seed=seeds())
def any_numbers(student, size, seed):
    """Twice as much."""
    expect_close(student.double(numbers(seed, size)), 2 * numbers(seed, size), "double(values)")
'''


@pytest.fixture
def own(tmp_path, monkeypatch) -> Assignment:
    """Make the assignment b1, which can be found by its name."""
    folder = tmp_path / "assignments" / "b1"
    folder.mkdir(parents=True)
    for name, text in {"assignment.toml": TOML, "solution.py": SOLUTION, "checks.py": CHECKS,
                       "text.md": "# Doubling\n\n## Task 1: Twice (3 points)\n\nTwice.\n"}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(finding, "FOLDER", folder.parent)
    return finding.assignment("b1")
