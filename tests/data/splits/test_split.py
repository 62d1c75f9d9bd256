"""The split as an object: the histories and targets of its rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import leave_one_out
from minirearec.data.sequences import SplitKind
from minirearec.errors import ConfigError
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


def test_leave_one_out_promises_nothing_of_items():
    split = leave_one_out(plain([[1, 2, 3]]))
    assert split.kind is SplitKind.LEAVE_ONE_OUT and not split.known_items
