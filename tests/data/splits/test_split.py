"""The split as an object: the histories and targets of its rows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import leave_one_out
from minirearec.data.batching import training_windows
from minirearec.data.sequences import Rows, SplitKind
from minirearec.data.splits.split import check_usable
from minirearec.errors import ConfigError, DataError
from tests.data.splits.stories import plain

histories = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=12), min_size=1, max_size=8)


@given(histories, st.sampled_from(["valid", "test"]), st.integers(1, 14), st.data())
def test_inputs_are_the_newest_items_padded_on_the_right(rows, part, max_length, data):
    split = leave_one_out(plain(rows))
    users = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6)), dtype=np.int64)
    items, lengths = split.inputs(users, part, max_length)
    assert items.dtype == np.int32 and items.shape == (len(users), max(lengths, default=0))
    for user, row, length in zip(users, items, lengths, strict=True):
        assert row[:length].tolist() == split.history(user, part).tolist()[-max_length:]
        assert not row[length:].any()


def test_bad_arguments():
    split = leave_one_out(plain([[1, 2, 3]]))
    with pytest.raises(ConfigError, match="unknown part 'train' of a split. Choose one of: valid, test"):
        split.history(0, "train")
    with pytest.raises(ConfigError, match="max_length: a history of at most 0 items"):
        split.inputs(np.array([0]), "test", 0)


@given(histories, st.data())
def test_positions_are_those_of_the_batches(rows, data):
    split = leave_one_out(plain(rows))
    if data.draw(st.booleans()):
        size = len(split.train_items)
        split = replace(split, is_target=np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size))))
    windows = training_windows(split.train_items, split.train_offsets, 5, split.is_target)
    assert split.positions == windows.positions


def test_a_split_with_nothing_to_learn_or_to_evaluate_is_refused():
    check_usable(leave_one_out(plain([[1, 2, 3], [4, 5, 6, 7]])))
    with pytest.raises(DataError, match="data set t: there is nothing to learn from: no user has two items"):
        check_usable(leave_one_out(plain([[1, 2, 3], [4, 5, 6]])))
    with pytest.raises(DataError, match="there is nothing to evaluate: the test part has no rows"):
        none = Rows(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        check_usable(replace(leave_one_out(plain([[1, 2, 3, 4]])), test=none))


def test_leave_one_out_promises_nothing_of_items():
    split = leave_one_out(plain([[1, 2, 3]]))
    assert split.kind is SplitKind.LEAVE_ONE_OUT and not split.known_items
