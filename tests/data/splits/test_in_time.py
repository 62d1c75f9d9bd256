"""The cut in time against a row-by-row account of the same rules."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import by_time, make_split
from minirearec.data.batching import iterate, training_windows
from minirearec.data.features import Features
from minirearec.data.sequences import SplitKind
from minirearec.data.splits.in_time import cut_times, parse_time, show_time
from minirearec.errors import ConfigError, DataError
from tests.data.splits.stories import STORY, make

users = st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), min_size=1, max_size=10)
                 .map(lambda row: sorted(row, key=lambda pair: pair[1])), min_size=1, max_size=8)


def by_hand(histories, first, second, min_history, min_train_history, known_items):
    """Return rows (user, history, target) of each part, found one interaction at a time."""
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
            for row, (user, target) in enumerate(zip(split.rows(part).user, split.target(part), strict=True))]


def trained_rows(split):
    """Return the rows that training batches actually hold."""
    windows = training_windows(split.train_items, split.train_offsets, 50, split.is_target)
    found = []
    for batch in iterate(windows, 7, np.random.default_rng(0)):
        for items, targets, counted in zip(batch.items, batch.targets, batch.counted, strict=True):
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


@pytest.mark.parametrize("cuts, by, times", [
    ((10, 20), "date", (10, 20)), (("1970-01-01 00:00:10", "1970-01-01T00:00:20+00:00"), "date", (10, 20)),
    ((0.5, 0.9), "span", (15.5, 27.1)), ((0.5, 0.8), "quantile", (5, 16))])
def test_ways_to_cut(cuts, by, times):
    assert cut_times(make(STORY).timestamps, cuts, by) == pytest.approx(times)


@pytest.mark.parametrize("cuts, by, message", [
    ((0.9, 0.8), "quantile", "not two increasing fractions"), ((0, 0.5), "span", "not two increasing fractions"),
    ((0.5,), "span", "1 cuts"), (("x", 1), "span", "not two numbers"), ((20, 10), "date", "nothing between them"),
    (("soon", 10), "date", "'soon' is neither a number nor a date"), (("nan", 10), "date", "is not a time"),
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
    histories = [split.data.item_ids[row[:length]].tolist() for row, length in zip(items, lengths, strict=True)]
    assert histories == [[3, 1], [4, 2], [2, 1]]


@pytest.mark.parametrize("known_items", [True, False])
def test_the_kind_and_the_promise_are_kept(known_items):
    split = by_time(make(STORY), (10, 20), "date", known_items=known_items)
    for found in (split, make_split(split.data)):
        assert (found.kind, found.known_items) == (SplitKind.IN_TIME, known_items)


def test_times_for_people():
    assert show_time(1577923200) == show_time(1577923200000) == "2020-01-02 00:00:00"
    assert show_time(33) == "33" and parse_time("2020-01-02") == 1577923200
    assert show_time(20180601) == "20180601", "no digit is lost"


def test_dates_cut_milliseconds_too():
    for unit in (1, 1000):
        times = np.linspace(1.0e9, 1.6e9, 100) * unit
        assert cut_times(times, ("2010-01-01", "2015-01-01"), "date") == (1262304000.0 * unit, 1420070400.0 * unit)
        assert cut_times(times, (1262304000, 1420070400), "date") == (1262304000, 1420070400), "numbers are as given"


def test_texts_and_features_follow_their_items():
    """Item 5 and others have no row: what is left keeps its own texts and vectors."""
    names = np.array([f"item {number}" for number in range(10)], dtype=object)
    data = replace(make(STORY), titles=names, texts={"brand": names}, features=Features(np.eye(10), "one each"))
    cut = by_time(data, (10, 20), "date", known_items=False).data
    assert cut.n_items < 10
    numbers = cut.item_ids - 1
    assert cut.texts["brand"].tolist() == cut.titles.tolist() == names[numbers].tolist()
    assert (cut.features.values == np.eye(10)[numbers]).all()


def test_a_cut_belongs_to_the_part_before_it():
    split, expected = by_time(make(STORY), (9, 16), "date"), by_hand(STORY, 9, 16, 1, 1, True)
    assert rows_of(split, "valid") == expected["valid"] and len(expected["valid"]) == 2
    assert rows_of(split, "test") == expected["test"]
    assert sorted(trained_rows(split)) == sorted(row[1:] for row in expected["train"])
