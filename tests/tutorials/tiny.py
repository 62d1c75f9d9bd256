"""A tiny assignment, so that grading is tested without the real ones."""

from pathlib import Path

import pytest

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.reading import load

TOML = '''
name = "t1"
title = "Tiny"
summary = "Three functions."
topics = ["arithmetic"]
notebook = 0

[[tasks]]
number = "1.1"
title = "Twice"
function = "double"
points = 2
hints = ["Add it to itself."]

[[tasks]]
number = "1.2"
title = "The sum"
function = "total"
points = 3
hints = ["Start from 0.", "x.sum() is an array's."]

[[tasks]]
number = "1.3"
title = "A number"
function = "number"
points = 5
hints = ["It is in the text."]

[[wrong]]
file = "tripled.py"
about = "Three times."
fails = ["1.1"]
'''
SOLUTION = '''"""Assignment t1."""

import numpy as np

GIVEN = 1.0


# Task 1.1: Twice (2 points)
def double(x):
    """``2 x``"""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# Task 1.2: The sum (3 points)
def total(x):
    """The sum of all values of x."""
    ### BEGIN SOLUTION
    return float(x.sum())
    ### END SOLUTION


# Task 1.3: A number (5 points)
def number():
    """The number of the text."""
    ### BEGIN SOLUTION
    return 48151.623
    ### END SOLUTION
'''
CHECKS = '''"""Checks of t1."""

import os
import time

import numpy as np

from minirearec_tutorials.grading.checks import check, expect_close, numbers, seeds, sizes


@check("1.1")
def two_values(student):
    """1 and 2 become 2 and 4."""
    expect_close(student.double(np.array([1.0, 2.0])), np.array([2.0, 4.0]), "double(x)")


@check("1.1", rows=sizes(1, 3), n=sizes(1, 4), seed=seeds())
def twice(student, rows, n, seed):
    """Every value is doubled."""
    x = numbers(seed, rows, n)
    expect_close(student.double(x), x + x, "double(x)")


@check("1.2")
def of_three(student):
    """1, 2 and 3 are 6."""
    expect_close(student.total(np.array([1.0, 2.0, 3.0])), 6.0, "total(x)")


@check("1.2", n=sizes(1, 6), seed=seeds())
def of_any(student, n, seed):
    """The sum is that of the values one by one."""
    x = numbers(seed, n)
    expect_close(student.total(x), sum(x.tolist()), "total(x)")


@check("1.3")
def the_number(student):
    """It is the number of the text."""
    got = student.number()
    if got == "kill the grader":
        os._exit(3)
    if got == "keep the grader busy":
        time.sleep(1000)
    expect_close(got, 48151.623, "number()")
'''


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Assignment:
    """Make assignment t1: tasks 1.1 double(x), 1.2 total(x) and 1.3 number() for 2, 3 and 5 points."""
    folder: Path = tmp_path_factory.mktemp("assignments") / "t1"
    (folder / "wrong").mkdir(parents=True)
    for name, text in (("assignment.toml", TOML), ("solution.py", SOLUTION), ("checks.py", CHECKS),
                       ("text.md", "# Tiny\n"), ("wrong/tripled.py", "def double(x):\n    return 3 * x\n")):
        (folder / name).write_text(text)
    return load(folder)


def put(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
