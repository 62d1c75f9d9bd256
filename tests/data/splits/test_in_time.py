"""The cut in time against a row-by-row account of the same rules, and the leakage checks against planted leaks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import SequenceData, by_time, last_n, leave_one_out, make_split
from minirearec.data.batching import iterate, training_windows
from minirearec.data.splits.leakage import check, check_known_items, check_order_in_time, check_rows, check_targets
from minirearec.data.sequences import Rows
from minirearec.errors import ConfigError, DataError


def make(histories) -> SequenceData:
    """Data of users who are lists of (item, time)."""
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in histories])]).astype(np.int64)
    flat = [pair for row in histories for pair in row]
    return SequenceData("t", np.array([item for item, _ in flat], dtype=np.int32), offsets,
                        np.arange(100, 100 + len(histories)), np.arange(1, 11), "", True, "",
                        timestamps=np.array([time for _, time in flat], dtype=np.float64))


users = st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), min_size=1, max_size=10)
                 .map(lambda row: sorted(row, key=lambda pair: pair[1])), min_size=1, max_size=8)


def by_hand(histories, first, second, min_history, min_train_history, known_items):
    """Rows (user, history, target) of each part, one interaction at a time."""
    rows = {"train": [], "valid": [], "test": []}
    for user, row in enumerate(histories, 100):
        for place, (item, time) in enumerate(row):
            part = "train" if time <= first else "valid" if time <= second else "test"
            history = [earlier + 1 for earlier, _ in row[:place]]
            if len(history) >= (min_train_history if part == "train" else min_history):
                rows[part].append((user, history, item + 1))
    known = {item for _, history, target in rows["train"] for item in [*history, target]}
    for part in ("valid", "test"):
        if known_items:
            rows[part] = [row for row in rows[part] if {*row[1], row[2]} <= known]
    return rows


def rows_of(split, part):
    ids = split.data.item_ids
    return [(split.data.user_ids[user], ids[split.history(row, part)].tolist(), ids[target])
            for row, (user, target) in enumerate(zip(split.rows(part).user, split.target(part)))]


def trained_rows(split):
    """The rows that the batches of training really hold."""
    windows = training_windows(split.train_items, split.train_offsets, 50, split.is_target)
    found = []
    for batch in iterate(windows, 7, np.random.default_rng(0)):
        for items, targets, counted in zip(batch.items, batch.targets, batch.counted):
            found += [(split.data.item_ids[items[:place + 1]].tolist(), split.data.item_ids[targets[place]])
                      for place in np.flatnonzero(counted)]
    assert windows.positions == len(found)
    return found


@given(users, st.integers(0, 39), st.integers(1, 20), st.integers(1, 4), st.integers(1, 4), st.booleans())
def test_rows_are_those_of_the_rules(histories, first, gap, min_history, min_train_history, known_items):
    expected = by_hand(histories, first, first + gap, min_history, min_train_history, known_items)
    options = {"min_history": min_history, "min_train_history": min_train_history, "known_items": known_items}
    if not all(expected.values()):
        with pytest.raises(DataError, match="no rows are left to"):
            by_time(make(histories), (first, first + gap), "date", **options)
        return
    split = by_time(make(histories), (first, first + gap), "date", **options)
    assert rows_of(split, "valid") == expected["valid"] and rows_of(split, "test") == expected["test"]
    assert sorted(trained_rows(split)) == sorted(row[1:] for row in expected["train"])
    kept = [row for part in expected.values() for row in part]
    assert sorted(split.data.user_ids) == sorted({row[0] for row in kept})
    assert set(split.data.item_ids) == {item for _, history, target in kept for item in [*history, target]}
    assert make_split(split.data).n_rows("test") == split.n_rows("test")


STORY = [[(0, 1), (1, 2), (2, 3), (3, 14)], [(1, 1), (2, 5), (0, 16), (3, 25)], [(2, 2), (3, 4), (1, 9), (0, 24), (1, 30)]]


@pytest.mark.parametrize("cuts, by, times", [
    ((10, 20), "date", (10, 20)), (("1970-01-01 00:00:10", "1970-01-01T00:00:20+00:00"), "date", (10, 20)),
    ((0.5, 0.9), "span", (15.5, 27.1)), ((0.5, 0.8), "quantile", (5, 16))])
def test_ways_to_cut(cuts, by, times):
    from minirearec.data.splits.in_time import cut_times

    assert cut_times(make(STORY).timestamps, cuts, by) == pytest.approx(times)


@pytest.mark.parametrize("cuts, by, message", [
    ((0.9, 0.8), "quantile", "not two growing fractions"), ((0, 0.5), "span", "not two growing fractions"),
    ((0.5,), "span", "1 cuts"), (("x", 1), "span", "not two numbers"), ((20, 10), "date", "nothing between them"),
    (("soon", 10), "date", "'soon' is neither a number nor a date"), (("nan", 10), "date", "is no time"),
    ((1, 2), "moon", "unknown way to cut 'moon'")])
def test_bad_cuts(cuts, by, message):
    with pytest.raises(ConfigError, match=message):
        by_time(make(STORY), cuts, by)


def test_data_that_cannot_be_cut():
    with pytest.raises(DataError, match="data set t: has no timestamps"):
        by_time(replace(make(STORY), timestamps=None), (10, 20), "date")
    with pytest.raises(DataError, match="no rows are left to test on after the cut in time at 10 and 99"):
        by_time(make(STORY), (10, 99), "date")
    with pytest.raises(DataError, match="the items of user 100 are not in the order of their timestamps"):
        by_time(make([[(1, 5), (2, 4), (3, 9)]]), (4, 8), "date")


def test_evaluation_takes_rows_in_the_place_of_users():
    split = by_time(make(STORY), (10, 20), "date")
    items, lengths = split.inputs(np.arange(split.n_rows("test")), "test", 2)
    assert [split.data.item_ids[row[:length]].tolist() for row, length in zip(items, lengths)] == [[3, 1], [4, 2], [2, 1]]


@given(st.lists(st.lists(st.integers(0, 9), min_size=7, max_size=12), min_size=1, max_size=5), st.integers(1, 3))
def test_last_n(rows, n):
    data = make([[(item, time) for time, item in enumerate(row)] for row in rows])
    split = last_n(data, n)
    check(split, in_time=False)
    for user, row in enumerate(rows):
        train = split.train_items[split.train_offsets[user]:split.train_offsets[user + 1]].tolist()
        found = {part: [(split.history(index, part).tolist(), split.target(part)[index])
                        for index in np.flatnonzero(split.rows(part).user == user)] for part in ("valid", "test")}
        assert train == row[:-2 * n]
        assert found["test"] == [(row[:place], row[place]) for place in range(len(row) - n, len(row))]
        assert found["valid"] == [(row[:place], row[place]) for place in range(len(row) - 2 * n, len(row) - n)]


def test_last_n_of_one_is_leave_one_out():
    data = make(STORY)
    one, other = last_n(data, 1), leave_one_out(data)
    for part in ("valid", "test"):
        assert (one.target(part) == other.target(part)).all()
        assert (one.rows(part).length == other.rows(part).length).all()
    assert (one.train_items == other.train_items).all()


def test_another_split_is_not_overruled_silently():
    data = by_time(make(STORY), (10, 20), "date").data
    with pytest.raises(DataError, match="data set t: has a split of its own: cut in time at 10 and 20"):
        leave_one_out(data)


def test_last_n_errors():
    with pytest.raises(DataError, match="user 100 has 4 items. A split into each user's last 2 needs at least 5 items"):
        last_n(make(STORY), 2)
    with pytest.raises(ConfigError, match="the last 0 items"):
        last_n(make(STORY), 0)


def rows(*pairs):
    return Rows(*np.array(pairs, dtype=np.int64).T)


@pytest.mark.parametrize("bug, checker, message", [
    ({"test": rows((0, 4))}, check_rows, "a test row of user 100 has a history of 4 items, and the user has 4"),
    ({"valid": rows((1, 0))}, check_rows, "a valid row of user 101 has a history of 0 items"),
    ({"valid": rows((3, 1))}, check_rows, "a valid row is of no user"),
    ({"valid": rows((1, 1))}, check_targets, "a valid target of user 101 is among the items that train"),
    ({"valid": rows((1, 2)), "test": rows((1, 2))}, check_targets, "an item of user 101 is a target twice"),
    ({"valid": rows((2, 4))}, check_order_in_time, "a valid target of user 102 is later than a test target of user 102"),
])
def test_planted_leaks_are_found(bug, checker, message):
    split = by_time(make(STORY), (10, 20), "date")
    check(split, in_time=True, known_items=True)
    with pytest.raises(DataError, match=message):
        checker(replace(split, **bug))


def test_leave_one_out_looks_into_the_future():
    """Why the paper cuts in time: one user's training items are newer than another's targets."""
    with pytest.raises(DataError, match="an item that trains of user .* is later than a valid target"):
        check(leave_one_out(make(STORY)), in_time=True)
    with pytest.raises(DataError, match="has no timestamps to check"):
        check_order_in_time(leave_one_out(replace(make(STORY), timestamps=None)))


def test_an_unknown_item_is_found():
    with pytest.raises(DataError, match="a valid row of user 100 has an item that no history to train on has"):
        check_known_items(by_time(make([[(0, 1), (1, 2), (5, 14), (1, 30)], *STORY[1:]]), (10, 20), "date",
                                  known_items=False))
