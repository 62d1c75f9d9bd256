"""Calling a function on copies of its arguments."""

import numpy as np
import pytest

from minirearec_tutorials.grading.sandbox.shared.calls import ArgumentChanged, call_once, same


@pytest.mark.parametrize("function, args, named", [
    (lambda x: x.fill(1), (np.zeros(2),), {}), (lambda x: x.append(1), ([],), {}),
    (lambda x: x["a"].sort(), ({"a": np.array([2, 1])},), {}), (lambda x: x[0].pop(), (([1],),), {}),
    (lambda *, x: x.fill(1), (), {"x": np.zeros(2)})])
def test_a_changed_argument_is_an_error_and_ours_stays_as_it_was(function, args, named):
    before = repr((args, named))
    with pytest.raises(ArgumentChanged, match="changed its argument number 1 in place; work on a copy"):
        call_once(function, args, named)
    assert repr((args, named)) == before


def test_the_number_counts_named_arguments_after_the_others():
    with pytest.raises(ArgumentChanged, match="number 3 "):
        call_once(lambda a, b, c: c.append(1), (1, 2), {"c": []})


def test_the_result_comes_back():
    x = np.array([1.0, np.nan])
    assert call_once(lambda x, y: x[0] + y, (x,), {"y": 2}) == 3.0


@pytest.mark.parametrize("a, b, equal", [
    (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True), (np.array([1.0]), np.array([[1.0]]), False),
    (np.array([1]), [1], False), ([1, (2, 3)], [1, (2, 3)], True), ([1], [1, 2], False), ({"a": 1}, {"b": 1}, False),
    (float("nan"), float("nan"), True), (1, 1.0, False), (1, True, False), ("a", "a", True), (None, None, True)])
def test_what_is_the_same(a, b, equal):
    assert same(a, b) is equal and same(b, a) is equal
