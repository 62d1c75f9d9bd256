"""Words for the outcome of a check."""

import numpy as np
import pytest

from minirearec_tutorials.grading.checks import Check
from minirearec_tutorials.grading.checks.explanation import call_text, explain, indented_value, value_text
from minirearec_tutorials.grading.checks.runner import Outcome

CHECK = Check("1.1", "doubled", "Every value is doubled.", {}, lambda student: None)


@pytest.mark.parametrize("args, named, text", [
    ((np.array([1.0, 2.0]), 3), {}, "f(np.array([1., 2.]), 3)"),
    ((np.array([[1, 0], [0, 1]]),), {"k": 2}, "f(np.array([[1, 0], [0, 1]]), k=2)"),
    (({"a": np.zeros(1)}, [1, (2,)]), {}, "f({'a': np.array([0.])}, [1, (2,)])"),
    ((np.zeros((9, 9)), [0] * 65), {}, "f(<array of shape [9, 9]>, <list of 65 values>)"),
    (("x" * 300,), {}, "f('" + "x" * 199 + "...)")])
def test_a_call_is_written_as_one_would_type_it(args, named, text):
    assert call_text(("f", args, named)) == text


@pytest.mark.parametrize("value, text", [
    (1 / 3, "0.333333"), (np.float64(0.5), "0.5"), ((1.0, True), "(1, True)"), (np.array([1.0, 2.5]), "[1.  2.5]"),
    ((np.zeros(1), 2.0), "[0.]\n2"), (None, "None")])
def test_values_are_short(value, text):
    assert value_text(value) == text
    assert indented_value(value).splitlines() == [f"    {line}" for line in text.splitlines()]


def test_what_is_large_is_cut():
    assert "..." in value_text(np.arange(1000)) and value_text("x" * 5000).endswith(" ...")


def test_a_failure_shows_the_call_and_both_outputs():
    outcome = Outcome(CHECK, False, "f(n): the value differs", {"n": 1}, ("f", (1,), {}), 3, 2, wrong=True)
    assert explain(outcome).splitlines() == [
        "Every value is doubled.", "f(n): the value differs", "Smallest call that fails: f(1)", "Your output:", "    3",
        "Expected:", "    2"]
    outcome.drawn = {}
    assert "Called: f(1)" in explain(outcome)


def test_a_stub_says_only_that():
    outcome = Outcome(CHECK, False, "not written yet: Task 1.1", call=("f", (1,), {}), expected=2, unwritten=True)
    assert explain(outcome) == "not written yet: Task 1.1"
