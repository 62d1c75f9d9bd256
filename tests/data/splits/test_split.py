"""Leave-one-out: what each part sees and what is held out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import SequenceData, leave_one_out
from minirearec.errors import ConfigError, DataError

histories = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=12), min_size=1, max_size=8)


def make(rows) -> SequenceData:
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return SequenceData("t", np.array(sum(rows, []), dtype=np.int32), offsets, np.arange(len(rows)),
                        np.arange(1, 11), "", True, "")


@given(histories)
def test_parts_rebuild_every_history(rows):
    split = leave_one_out(make(rows))
    for user, row in enumerate(rows):
        train = split.train_items[split.train_offsets[user]:split.train_offsets[user + 1]].tolist()
        assert train == split.history(user, "valid").tolist() == row[:-2]
        assert split.history(user, "test").tolist() == row[:-1]
        assert (split.target("valid")[user], split.target("test")[user]) == (row[-2], row[-1])
    assert split.train_offsets[-1] == len(split.train_items) and split.n_users == len(rows)


@given(histories, st.sampled_from(["valid", "test"]), st.integers(1, 14), st.data())
def test_inputs_are_the_newest_items_padded_on_the_right(rows, part, max_length, data):
    split = leave_one_out(make(rows))
    users = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6)), dtype=np.int64)
    items, lengths = split.inputs(users, part, max_length)
    assert items.dtype == np.int32 and items.shape == (len(users), max(lengths, default=0))
    for user, row, length in zip(users, items, lengths):
        assert row[:length].tolist() == split.history(user, part).tolist()[-max_length:]
        assert not row[length:].any()


def test_too_short_history():
    data = make([[1, 2, 3], [4, 5, 6]])
    short = replace(data, offsets=np.array([0, 4, 6]))
    with pytest.raises(DataError, match="data set t: user 1 has 2 items"):
        leave_one_out(short)


def test_bad_arguments():
    split = leave_one_out(make([[1, 2, 3]]))
    with pytest.raises(ConfigError, match="unknown part 'train' of a split. Choose one of: valid, test"):
        split.history(0, "train")
    with pytest.raises(ConfigError, match="max_length: a history of at most 0 items"):
        split.inputs(np.array([0]), "test", 0)
