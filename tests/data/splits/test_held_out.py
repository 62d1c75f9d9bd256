"""Leave-one-out and the last n: what each part sees and what is held out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import by_time, last_n, leave_one_out
from minirearec.data.sequences import SplitKind
from minirearec.data.splits.leakage import check
from minirearec.errors import ConfigError, DataError
from tests.data.splits.stories import STORY, make, plain

histories = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=12), min_size=1, max_size=8)


@given(histories)
def test_parts_rebuild_every_history(rows):
    split = leave_one_out(plain(rows))
    for user, row in enumerate(rows):
        train = split.train_items[split.train_offsets[user]:split.train_offsets[user + 1]].tolist()
        assert train == split.history(user, "valid").tolist() == row[:-2]
        assert split.history(user, "test").tolist() == row[:-1]
        assert (split.target("valid")[user], split.target("test")[user]) == (row[-2], row[-1])
    assert split.train_offsets[-1] == len(split.train_items) and split.n_users == len(rows)


def test_too_short_history():
    data = plain([[1, 2, 3], [4, 5, 6]])
    short = replace(data, offsets=np.array([0, 4, 6]))
    with pytest.raises(DataError, match="data set t: user 1 has 2 items"):
        leave_one_out(short)


@given(st.lists(st.lists(st.integers(0, 9), min_size=7, max_size=12), min_size=1, max_size=5), st.integers(1, 3))
def test_last_n(rows, n):
    data = make([[(item, time) for time, item in enumerate(row)] for row in rows])
    split = last_n(data, n)
    check(split)
    assert split.kind is SplitKind.LAST_N and not split.known_items
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
