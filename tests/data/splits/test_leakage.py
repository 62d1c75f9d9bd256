"""The leakage checks against planted leaks."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import by_time, last_n, leave_one_out
from minirearec.data.sequences import Rows
from minirearec.data.splits.leakage import check, check_known_items, check_order_in_time, check_rows, check_targets
from minirearec.errors import DataError
from tests.data.splits.stories import STORY, make


def rows(*pairs):
    return Rows(*np.array(pairs, dtype=np.int64).T)


@pytest.mark.parametrize("bug, checker, message", [
    ({"test": rows((0, 4))}, check_rows, "a test row of user 100 has a history of 4 items, but the user has 4"),
    ({"valid": rows((1, 0))}, check_rows, "a valid row of user 101 has a history of 0 items"),
    ({"valid": rows((3, 1))}, check_rows, "a valid row belongs to no user"),
    ({"valid": rows((1, 1))}, check_targets, "a valid target of user 101 is among the items that train"),
    ({"valid": rows((1, 2)), "test": rows((1, 2))}, check_targets, "an item of user 101 is a target twice"),
    ({"valid": rows((2, 4))}, check_order_in_time,
     "a valid target of user 102 is later than a test target of user 102"),
])
def test_planted_leaks_are_found(bug, checker, message):
    split = by_time(make(STORY), (10, 20), "date")
    assert len(check(split)) == 3
    with pytest.raises(DataError, match=message):
        checker(replace(split, **bug))


def test_leave_one_out_looks_into_the_future():
    """Why the paper cuts in time: one user's training items are newer than another's targets."""
    with pytest.raises(DataError, match="an item that trains of user .* is later than a valid target"):
        check_order_in_time(leave_one_out(make(STORY)))
    with pytest.raises(DataError, match="has no timestamps to check"):
        check_order_in_time(leave_one_out(replace(make(STORY), timestamps=None)))


def test_an_unknown_item_is_found():
    with pytest.raises(DataError, match="a valid row of user 100 has an item that no training history has"):
        check_known_items(by_time(make([[(0, 1), (1, 2), (5, 14), (1, 30)], *STORY[1:]]), (10, 20), "date",
                                  known_items=False))


TARGETS = "no target is among the items that train, and none is a target twice"
TIMES = "nothing that trains is later than a target"
ITEMS = "every target and history of validation and test is known to training"


@pytest.mark.parametrize("split, lines", [
    (lambda: leave_one_out(make(STORY)), [TARGETS]), (lambda: last_n(make(STORY), 1), [TARGETS]),
    (lambda: by_time(make(STORY), (10, 20), "date"), [TARGETS, TIMES, ITEMS]),
    (lambda: by_time(make(STORY), (10, 20), "date", known_items=False), [TARGETS, TIMES])])
def test_a_split_is_held_to_what_its_kind_promises(split, lines):
    assert check(split()) == lines


def test_a_promise_that_is_not_kept_is_found():
    """Without timestamps, as in the published Amazon sets, known items are still checked."""
    story = [[(0, 1), (1, 2), (5, 14), (1, 30)], *STORY[1:]]
    split = by_time(make(story), (10, 20), "date", known_items=False)
    for changes in ({}, {"timestamps": None}):
        data = replace(split.data, given=replace(split.data.given, known_items=True), **changes)
        with pytest.raises(DataError, match="has an item that no training history has"):
            check(replace(split, data=data))


def test_a_training_item_as_late_as_a_target_is_found():
    split = by_time(make(STORY), (10, 20), "date")
    times = np.where(split.data.timestamps == 9, 14, split.data.timestamps)
    with pytest.raises(DataError, match="an item that trains of user 102 is later than .* of user 100, or as late"):
        check_order_in_time(replace(split, data=replace(split.data, timestamps=times)))
