"""The data set object: lookups by original id, and their errors."""

import numpy as np
import pytest

from minirearec.data import read_sequences
from minirearec.errors import DataError, HistoryError


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "small.txt"
    path.write_text("7 30 10 20\n3 20 40 10 50\n")
    return read_sequences(path)


def test_sizes(data):
    assert (data.n_users, data.n_items, data.n_interactions) == (2, 5, 7)


def test_indices_are_positions_in_the_sorted_ids(data):
    assert data.item_ids.tolist() == [10, 20, 30, 40, 50]
    assert data.history(0).tolist() == [2, 0, 1]
    assert data.history(1).tolist() == [1, 3, 0, 4]


def test_user_index_follows_the_order_of_the_file(data):
    assert [data.user_index(7), data.user_index(3)] == [0, 1]


@pytest.mark.parametrize("user", [8, -1, "8"])
def test_unknown_user(data, user):
    with pytest.raises(DataError, match=f"data set small: unknown user {user}. It has 2 users, with ids such as 7, 3"):
        data.user_index(user)


@pytest.mark.parametrize("index", [2, -1])
def test_history_of_no_user(data, index):
    with pytest.raises(DataError, match=f"no user has index {index}"):
        data.history(index)


def test_item_indices_keep_order_and_repeats(data):
    indices = data.item_indices([50, 10, 50])
    assert indices.dtype == np.int32
    assert data.item_ids[indices].tolist() == [50, 10, 50]


def test_unknown_items_are_named(data):
    with pytest.raises(HistoryError, match=r"unknown item ids 11, 99\. The 5 item ids lie between 10 and 50\.$"):
        data.item_indices([10, 11, 99])


def test_many_unknown_items_are_counted(data):
    with pytest.raises(HistoryError, match="unknown item ids 1, 2, 3, 4, 5 and 4 more"):
        data.item_indices(range(1, 11))


def test_padding_id_is_explained(data):
    with pytest.raises(HistoryError, match="unknown item id 0.* 0 is the padding id, not an item"):
        data.item_indices([10, 0])


def test_empty_history(data):
    with pytest.raises(HistoryError, match="the history is empty"):
        data.item_indices([])
