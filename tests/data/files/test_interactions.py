"""Tables of interactions: how ids are numbered and typed."""

import numpy as np
import pytest

from minirearec.data.files.importing import import_file
from minirearec.data.files.interactions import Builder, Ids, id_array, table_of
from minirearec.errors import DataError
from tests.data.files.examples import ALL, csv_of, histories, put, small


def test_ids_are_numbers_only_when_all_are(tmp_path):
    def ids(*values):
        rows = [("1", value, 1, 1) for value in values]
        return import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=ALL).item_ids.tolist()

    assert ids("10", "9", "0") == [0, 9, 10]
    assert ids("10", "9", "x") == ["10", "9", "x"]
    assert ids("10", "09") == ["09", "10"], "a leading zero means something"
    assert ids("9223372036854775807") == [2**63 - 1]
    assert ids("9223372036854775808", "1") == ["1", "9223372036854775808"]


def test_one_user_and_one_item_are_data(tmp_path):
    data = import_file(put(tmp_path, "x.csv", csv_of([("u", "a", 5, 1)] * 3)))
    assert histories(data) == {"u": ["a", "a", "a"]}


def test_users_are_numbered_as_they_occur_and_items_in_the_order_of_their_ids():
    builder = Builder(rating=True)
    for user, item, rating in (("b", "10", 5), ("a", "9", -0.0), ("b", " 9 ", 3)):
        builder.add(user, item, "x:1")
        builder.rating.append(rating)
    builder.texts.add("title", builder.items.index["9"], "  Nine  lives ", "x:1")
    builder.texts.add("brand", builder.items.index["10"], "Ace", "x:1")
    table = builder.table()
    assert table.user_ids.tolist() == ["b", "a"] and table.item_ids.tolist() == [9, 10]
    assert table.user.tolist() == [0, 1, 0] and table.item.tolist() == [1, 0, 0] and table.timestamp is None
    assert table.titles.tolist() == ["Nine lives", ""] and table.texts["brand"].tolist() == ["", "Ace"]
    assert not np.signbit(table.rating).any()
    some = table.take(table.rating > 2)
    assert some.user.tolist() == [0, 0] and some.rating.tolist() == [5, 3] and some.item_ids is table.item_ids
    assert some.texts is table.texts


@pytest.mark.parametrize("text, message", [
    ("", "the user id is missing"), ("NULL", "the user id is missing .'NULL'."), ("-7", "negative user id -7"),
    ("x" * 201, "has 201 characters"), ("a\x00b", "a character that is not text"),
    ("\ud800", "a character that is not text")])
def test_bad_ids(text, message):
    with pytest.raises(DataError, match=f"x.csv:7: .*{message}"):
        Ids("user").add(text, "x.csv:7")


def test_whole_numbers_below_2_to_63_are_numbers():
    assert id_array(["1", "0", str(2**63 - 1)]).dtype == np.int64
    assert all(id_array(["1", text]).dtype.kind == "U" for text in ("01", "1.0", "+1", "a", str(2**63), "٣"))


def test_table_of_a_data_set(tmp_path):
    data = small(tmp_path)
    table = table_of(data)
    assert len(table) == data.n_interactions and (table.timestamp == data.timestamps).all()
    assert [(data.user_ids[user], data.item_ids[item]) for user, item in zip(table.user, table.item, strict=True)] == [
        (user, item) for user, items in histories(data).items() for item in items]
