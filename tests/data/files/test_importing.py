"""Importing: from a file to filtered, ordered and split data, or one message."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import by_time, make_split
from minirearec.data.files.columns import Columns
from minirearec.data.files.folder import load_directory, save
from minirearec.data.files.importing import Filters, SplitRule, import_file, source_sha256
from minirearec.errors import ConfigError, DataError, MiniReaRecError
from tests.data.files.examples import ALL, GOOD, csv_of, histories, put, same


def test_text_files_are_imported_too(tmp_path):
    data = import_file(put(tmp_path, "x.txt", "7 30 10 20\n3 20 40 10 50\n"))
    assert histories(data) == {7: [30, 10, 20], 3: [20, 40, 10, 50]} and data.timestamps is None


def test_imported_data_carry_their_split(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    path = put(tmp_path, "x.csv", csv_of(rows))
    data = import_file(path, split=SplitRule("time", (0.5, 0.8), row_history=2))
    assert data.given.rule == "cut in time at 33 and 60" and len(data.given.test) == 7
    assert make_split(import_file(path, split=SplitRule("last-n", n=2))).n_rows("valid") == 8
    rules = SplitRule(), SplitRule("time"), SplitRule("last-n")
    assert len({import_file(path, split=rule).sha256 for rule in rules}) == 3
    with pytest.raises(ConfigError, match="--split: unknown split 'odd'"):
        import_file(path, split=SplitRule("odd"))


@pytest.mark.parametrize("call, message", [
    (lambda path: import_file(path.parent / "none.csv"), "none.csv: no such file"),
    (lambda path: import_file(path.parent, "csv"), "is a directory, not a data file"),
    (lambda path: import_file(path.parent / "x.xlsx"), "x.xlsx: the name does not say which format"),
    (lambda path: import_file(path, "parquet"), "--format: unknown format 'parquet'"),
    (lambda path: import_file(path, columns=Columns(user="who")), "there is no column 'who' for the user"),
    (lambda path: import_file(path, columns=Columns(user="-")), "the user column cannot be left out"),
    (lambda path: import_file(path, columns=Columns(item="user_id", user="user_id")), "one column cannot be two"),
    (lambda path: import_file(path, columns=Columns(rating="-"), filters=Filters(above=3)), "but no ratings"),
    (lambda path: import_file(path, columns=Columns(time="-"), filters=Filters(ties="shuffle")), "but no timestamps"),
    (lambda path: import_file(path, columns=Columns(time="-"), split=SplitRule("time")), "has no timestamps"),
    (lambda path: import_file(path, filters=Filters(ties="luck")), "unknown rule for ties"),
    (lambda path: import_file(path, filters=Filters(duplicates="luck")), "unknown rule for duplicates"),
    (lambda path: import_file(path, filters=Filters(core=-1)), "a core of -1"),
    (lambda path: import_file(path, filters=Filters(above=5)), "no interactions are left"),
    (lambda path: import_file(path, items_file=path), "no column looks like the title"),
])
def test_bad_wishes(tmp_path, call, message):
    with pytest.raises(MiniReaRecError, match=re.escape(message)):
        call(put(tmp_path, "x.csv", GOOD))


pieces = st.sampled_from(["user_id", "item_id", "rating", "timestamp", "u1", "i1", "5", "nan", "-3", "1e400", '"', ",",
                          "\t", "\n", "\r\n", ":token", ":float", "{", "}", '"user":', '"item":', "[", "null", "\x00",
                          "é", "2020-01-01", "9" * 25, " "]) | st.text(max_size=3)


@given(kind=st.sampled_from(["csv", "tsv", "jsonl", "inter", "text"]), parts=st.lists(pieces, max_size=40),
       head=st.sampled_from(["", GOOD, "user_id:token\titem_id:token\n", '{"user": "u", "item": 1}\n']),
       raw=st.binary(max_size=4))
def test_no_file_breaks_the_parsers(tmp_path_factory, kind, parts, head, raw):
    """Whatever a file holds, it is read or refused with a message that names it."""
    path = tmp_path_factory.mktemp("fuzz") / "x.dat"
    path.write_bytes((head + "".join(parts)).encode("utf-8", "surrogatepass") + raw)
    try:
        data = import_file(path, kind, filters=ALL)
    except MiniReaRecError as error:
        assert str(path) in str(error)
    else:
        assert data.n_interactions == len(data.items) > 0
        assert same(data, load_directory(save(data, path.parent / "saved")))


def test_sha256_of_the_source(tmp_path):
    path = put(tmp_path, "x.csv", "")
    assert source_sha256([path]) == {"x.csv": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}


def test_a_file_whose_name_is_not_text(tmp_path):
    path = put(tmp_path, os.fsdecode(b"\xff\x1b.csv"), GOOD)
    with pytest.raises(DataError, match="a data set cannot be called .*Choose another with --name"):
        import_file(path)
    data = import_file(path, name="mine")
    saved = load_directory(save(data, tmp_path / "d", {"files": source_sha256([path])}))
    assert saved.source == data.source and "\x1b" not in data.source


def test_names_are_checked_before_the_file_is_read(tmp_path):
    with pytest.raises(DataError, match="a data set cannot be called '../../x'"):
        import_file(tmp_path / "none.csv", name="../../x")


def test_training_rows_need_as_long_a_history_as_the_others(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    path = put(tmp_path, "x.csv", csv_of(rows))
    split = make_split(import_file(path, split=SplitRule("time", (0.5, 0.8), row_history=2)))
    expected = by_time(import_file(path), (0.5, 0.8), min_history=2, min_train_history=2)
    shorter = make_split(import_file(path, split=SplitRule("time", (0.5, 0.8))))
    assert split.positions == expected.positions < shorter.positions
