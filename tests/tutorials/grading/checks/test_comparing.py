"""Comparing values: every difference is said in words."""

import numpy as np
import pytest

from minirearec_tutorials.grading.checks import Mismatch, expect_close


@pytest.mark.parametrize("got, expected, says", [
    (np.array([1.0, np.nan]), np.array([1.0, 2.0]), "1 of 2 values differ, the first at \\[1\\]"),
    (np.array([1, 0]), np.array([True, False]), "should hold booleans, got integers"),
    (np.zeros((2, 1)), np.zeros(2), r"should have shape \[2\], got \[2, 1\]"),
    (None, 1.0, "should be a number, got None"), ((1.0,), (1.0, 2.0), "should be 2 values, got 1 values"),
    ((1.0, 3.0), (1.0, 2.0), "value 2 of 2: the value differs"), (10 ** 30, 1, "should hold integers, got object"),
    ("1", 1, "should be a number, got a str")])
def test_what_differs_is_said(got, expected, says):
    with pytest.raises(Mismatch, match=says):
        expect_close(got, expected, "f(x)")
