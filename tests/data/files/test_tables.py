"""Tables: every format gives the same data, and one message for every bad file."""

import csv

import pytest

from minirearec.data.files.importing import import_file
from minirearec.errors import DataError
from tests.data.files.examples import ALL, GOOD, HEAD, ROWS, csv_of, histories, json_of, put

LONG = "x" * 10_000_000


@pytest.mark.parametrize("name, content", [
    ("x.csv", csv_of(ROWS)), ("x.tsv", csv_of(ROWS, "\t")), ("x.csv.gz", csv_of(ROWS)),
    ("x.tsv.gz", csv_of(ROWS, "\t")),
    ("x.jsonl", json_of(ROWS)), ("x.jsonl.gz", json_of(ROWS)), ("x.json", json_of(ROWS)),
    ("x.inter", csv_of(ROWS, "\t", ("user_id:token", "item_id:token", "rating:float", "timestamp:float"))),
    ("x.csv", csv_of(ROWS).replace("\n", "\r\n")), ("x.csv", b"\xef\xbb\xbf" + csv_of(ROWS).encode()),
    ("x.csv", csv_of(ROWS) + "\n\n"),
    ("x.csv", csv_of(ROWS, names=("Reviewer ID", "parent_asin", "overall", "unixTime"))),
    ("X.CSV", csv_of(ROWS)), ("x.csv", csv_of(ROWS).replace("u2", '"u2"')),
])
def test_every_format_gives_the_same_data(tmp_path, name, content):
    data = import_file(put(tmp_path, name, content), filters=ALL)
    assert histories(data) == {"u2": ["a", "b", "b"], "u1": ["b", "a", "c"]}
    assert data.timestamps.tolist() == [20, 30, 40, 5, 10, 10]
    assert (data.name, data.synthetic) == (name.split(".")[0], False) and str(tmp_path) in data.source


def test_dates_are_times(tmp_path):
    rows = [("u", "a", 1, "2020-01-02"), ("u", "b", 1, "2020-01-01 23:59:59"),
            ("u", "c", 1, "2020-01-02T00:00:00+02:00")]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=ALL)
    assert histories(data) == {"u": ["c", "b", "a"]}
    assert data.timestamps.tolist() == [1577916000, 1577923199, 1577923200]


def test_titles_from_a_column_and_from_a_file_beside(tmp_path):
    rows = [("1", "b", "Sœur  Bè"), ("1", "a", ""), ("2", "a", "Alpha"), ("2", "b", "another")]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows, names=("user", "item", "title"))), filters=ALL)
    assert dict(zip(data.item_ids, data.titles, strict=True)) == {"a": "Alpha", "b": "Sœur Bè"}
    path = put(tmp_path, "y.inter", "user_id:token\titem_id:token\n1\tb\n1\ta\n")
    put(tmp_path, "y.item", 'item_id:token\tmovie_title:token_seq\tyear:token\na\tThe "A\t1990\nz\tnone\t1\n')
    assert import_file(path, filters=ALL).titles.tolist() == ['The "A', ""]
    items = put(tmp_path, "items.jsonl", '{"asin": "b", "title": "Bee", "price": 1}\n{"asin": "a", "title": null}\n')
    assert import_file(path, filters=ALL, items_file=items).titles.tolist() == ["", "Bee"]


@pytest.mark.parametrize("name, content, line, message", [
    ("x.csv", "", None, "the file is empty"),
    ("x.csv", HEAD, None, "has no rows"),
    ("x.csv", "who,what\nu,a\n", 1, "no column looks like the user. The columns are 'who', 'what'. Say which"),
    ("x.csv", "196,242,3,881250949\n", 1, "no column looks like the user"),
    ("x.csv", "user_id,userId,item\nu,u,a\n", 1, "the user may be column 'user_id' or 'userId'. Say which"),
    ("x.csv", "user,user,item\nu,u,a\n", 1, "two columns are called 'user'"),
    ("x.csv", GOOD + "u,a,5\n", 5, "3 values in 4 columns"),
    ("x.csv", GOOD + "u,a,5,4,5\n", 5, "5 values in 4 columns"),
    ("x.csv", GOOD + "u,a,good,4\n", 5, "the rating 'good' is not a finite number"),
    ("x.csv", GOOD + "u,a,NaN,4\n", 5, "the rating 'NaN' is not a finite number"),
    ("x.csv", GOOD + "u,a,,4\n", 5, "the rating '' is not a finite number"),
    ("x.csv", GOOD + "u,a,1_0,4\n", 5, "the rating '1_0' is not a finite number"),
    ("x.csv", GOOD + "u,a,5,\u0663\n", 5, "the time '\u0663' is not a finite number"),
    ("x.csv", GOOD + "u,a,5,inf\n", 5, "the time 'inf' is not a finite number"),
    ("x.csv", GOOD + "u,a,5,2020-01-01\n", 5, "the time '2020-01-01' is not a finite number"),
    ("x.csv", HEAD + "u,a,5,2020-01-01\nu,b,5,17\n", 3, "the time '17' is not a date such as"),
    ("x.csv", HEAD + "u,a,5,yesterday\n", 2, "the time 'yesterday' is not a date"),
    ("x.csv", GOOD + ",a,5,4\n", 5, "the user id is missing"),
    ("x.csv", GOOD + "u,nan,5,4\n", 5, "the item id is missing ('nan')"),
    ("x.csv", GOOD + "u,-1,5,4\n", 5, "negative item id -1"),
    ("x.csv", GOOD + "u," + "9" * 201 + ",5,4\n", 5, "has 201 characters"),
    ("x.csv", GOOD + "u,a\x00b,5,4\n", 5, "holds a character that is not text"),
    ("x.csv", GOOD + "\nu,d,5,4\n", 5, "empty line"),
    ("x.csv", GOOD + f"u,{LONG},5,4\n", 5, "the line is longer than 1,000,000 characters"),
    ("x.csv", GOOD + 'u,"a,5,4\nu,b,5,5\n', 6, "not CSV"),
    ("x.csv", GOOD + 'u,"a"b,5,4\n', 5, "not CSV"),
    ("x.csv", GOOD.encode() + b"u,\xe9,5,4\n", 5, "byte 0xe9 is not UTF-8"),
    ("x.csv", GOOD.encode("utf-16"), 1, "is not UTF-8"),
    ("x.inter", "user_id\titem_id\nu\ta\n", 1, "column 'user_id' does not say its type"),
    ("x.jsonl", "", None, "the file is empty"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n{"user": "u", "item"\n', 2, "not JSON"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n["u", "a"]\n', 2, "a JSON list, not an object"),
    ("x.jsonl", '{"user": "u", "item": "a"}\n{"user": "u"}\n', 2, "the item id is missing"),
    ("x.jsonl", '{"user": "u", "item": 1.5}\n', 1, "the item id is missing"),
    ("x.jsonl", '{"user": true, "item": 1}\n', 1, "the user id is missing"),
    ("x.jsonl", '{"user": "u", "item": "\\ud800"}\n', 1, "holds a character that is not text"),
    ("x.jsonl", '{"user": 1, "item": 1, "rating": NaN}\n', 1, "the rating 'nan' is not"),
    ("x.jsonl", '{"user": 1, "item": 1, "rating": true}\n', 1, "the rating 'True' is not"),
    ("x.jsonl", '{"user": 1, "item": ' + "9" * 5000 + "}\n", 1, "not JSON"),
    ("x.jsonl", "[" * 100_000 + "\n", 1, "not JSON"),
    ("x.jsonl", '{"user": 1, "item": 1}\n\n{"user": 1, "item": 2}\n', 2, "empty line"),
    ("x.jsonl", '{"a": 1}\n', 1, "no column looks like the user"),
])
def test_bad_files(tmp_path, name, content, line, message):
    path = put(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        import_file(path, filters=ALL)
    where = f"{path}:{line}: " if line else f"{path}: "
    assert str(caught.value).startswith(where) and message in str(caught.value)
    assert len(str(caught.value)) < 600


def test_no_time_zone_and_no_limit_is_changed(tmp_path):

    before = csv.field_size_limit()
    with pytest.raises(DataError):
        import_file(put(tmp_path, "x.csv", GOOD + "u,a\n"))
    assert csv.field_size_limit() == before
