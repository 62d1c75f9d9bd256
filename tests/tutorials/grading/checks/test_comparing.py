"""Comparing values: every difference is said in words."""

import numpy as np
import pytest

from minirearec_tutorials.grading.checks import Mismatch, agreeing, expect, expect_close, parts, shaped


@pytest.mark.parametrize("got, expected, says", [
    (np.array([1.0, np.nan]), np.array([1.0, 2.0]), "1 of 2 values differ, the first at \\[1\\]"),
    (np.array([1, 0]), np.array([True, False]), "should hold booleans, got integers"),
    (np.zeros((2, 1)), np.zeros(2), r"should have shape \[2\], got \[2, 1\]"),
    (False, 1.0, "the value differs"), (np.array([True]), np.array([1.0]), "should hold real numbers, got booleans"),
    (None, 1.0, "should be a number, got None"), ((1.0,), (1.0, 2.0), "should be a tuple of 2 values, got 1 values"),
    ((1.0, 3.0), (1.0, 2.0), "value 2 of 2: the value differs"), (10 ** 30, 1, "should hold integers, got object"),
    ("1", 1, "should be a number, got a str")])
def test_what_differs_is_said(got, expected, says):
    with pytest.raises(Mismatch, match=says):
        expect_close(got, expected, "f(x)")


@pytest.mark.parametrize("got, expected", [
    (np.array([1.0, np.nan]), np.array([1.0, np.nan])), (1, 1.0), (np.float64(1.0), 1.0),
    ([1.0, np.zeros(2)], (1.0, np.zeros(2))), (1.0 + 1e-12, 1.0), (np.array([True]), np.array([True])),
    (True, 1.0), ((np.True_, 0.5), (1, 0.5))])
def test_what_is_equal_passes(got, expected):
    expect_close(got, expected, "f(x)")


def test_integers_must_be_equal_exactly():
    large = 10 ** 12
    assert agreeing(np.array([large + 1.0]), np.array([float(large)])).all()
    assert not agreeing(np.array([large + 1]), np.array([large])).any()


@pytest.mark.parametrize("got, says", [
    (np.zeros((2, 1)), r"of shape \[2\], got shape \[2, 1\]"), ([0, 0], r"of shape \[2\], got a list"),
    (np.array(["a", "b"]), r"of shape \[2\], got shape \[2\]")])
def test_a_check_can_insist_on_an_array(got, says):
    with pytest.raises(Mismatch, match=says):
        shaped(got, (2,), "f(x)")
    array = np.zeros(2)
    assert shaped(array, (2,), "f(x)") is array


@pytest.mark.parametrize("got", [None, (1,), [1, 2, 3], np.zeros(2), "ab"])
def test_a_check_can_insist_on_several_values(got):
    with pytest.raises(Mismatch, match="^f should return two arrays$"):
        parts(got, 2, "f should return two arrays")
    pair = (1, 2)
    assert parts(pair, 2, "f should return two arrays") is pair


def test_a_condition_that_does_not_hold_is_a_mismatch():
    expect(True, "it holds")
    with pytest.raises(Mismatch, match="^it does not hold$"):
        expect(np.bool_(False), "it does not hold")
