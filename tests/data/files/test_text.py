"""The text reader: what it accepts, and one clear message for everything else."""

import gzip
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import card, load, read_sequences
from minirearec.data.files.importing import Filters, import_file
from minirearec.errors import DataError

GOOD = b"1 5 6 7\n2 6 7 8\n"

ids = st.integers(1, 2**63 - 1)
rows = st.dictionaries(st.integers(0, 2**63 - 1), st.lists(ids | st.integers(1, 9), min_size=3, max_size=8),
                       min_size=1, max_size=6)


def write(folder, content: bytes):
    path = folder / "own.txt"
    path.write_bytes(content)
    return path


@given(rows=rows, end=st.sampled_from(["\n", "\r\n", "\r"]), bom=st.booleans(), gap=st.sampled_from([" ", "\t", "  "]),
       tail=st.integers(0, 3))
def test_round_trip(tmp_path_factory, rows, end, bom, gap, tail):
    text = end.join(gap.join(map(str, [user, *items])) for user, items in rows.items()) + end * tail
    content = b"\xef\xbb\xbf" * bom + text.encode()
    data = read_sequences(write(tmp_path_factory.mktemp("round"), content))
    read = {int(user): data.item_ids[data.history(index)].tolist() for index, user in enumerate(data.user_ids)}
    assert read == rows and list(read) == list(rows)
    assert data.item_ids.tolist() == sorted({item for items in rows.values() for item in items})
    assert data.sha256 == hashlib.sha256(content).hexdigest()


def test_fields(tmp_path):
    data = read_sequences(write(tmp_path, GOOD))
    assert (data.name, data.synthetic, data.titles) == ("own", False, None)
    assert [array.dtype for array in (data.items, data.offsets, data.user_ids, data.item_ids)] == [
        np.int32, np.int64, np.int64, np.int64]
    assert "own.txt" in data.source
    assert read_sequences(write(tmp_path, GOOD), name="mine").name == "mine"


@pytest.mark.parametrize("content, line, message", [
    (GOOD + b"3 4 x 5\n", 3, "'x' is not a whole number"),
    (GOOD + b"3 4 5.0 6\n", 3, "'5.0' is not a whole number"),
    (GOOD + b"3 4 1_0 6\n", 3, "'1_0' is not a whole number"),
    (GOOD + b"3 4 nan 6\n", 3, "'nan' is not a whole number"),
    (GOOD + "3 4 ٣ 6\n".encode(), 3, "is not a whole number"),
    (b"user item item item\n" + GOOD, 1, "'user' is not a whole number"),
    (b"1,5,6,7\n", 1, "'1,5,6,7' is not a whole number"),
    (b"1 5 6 7\n\n2 6 7 8\n", 2, "empty line"),
    (b"1 5 6 7\r\n \t\r\n2 6 7 8\r\n", 2, "empty line"),
    (b"\n" + GOOD, 1, "empty line"),
    (b"1 5 6 7\n2 6 -7 8\n", 2, "negative id -7"),
    (b"1 5 6 7\n2 0 7 8\n", 2, "item id 0. 0 is the padding id"),
    (b"1 5 6 7\n2 6 7 9223372036854775808\n", 2, "id 9223372036854775808 is too large"),
    (b"1 5 6 7\n2 6 7 " + b"9" * 5000 + b"\n", 2, "id 999999999999999999999999999... is too large"),
    (b"1 5 6 7\n2 6 7 8\n1 6 7 8\n", 3, "user 1 occurs twice, first on line 1"),
    (b"1 5 6 7\n2 6 7\n", 2, "user 2 has 2 items, fewer than 3"),
    (b"1 5 6 7\n2\n", 2, "user 2 has 0 items, fewer than 3"),
    (b"1 5 6 7\n2 6 \xff 8\n", 2, "byte 0xff is not UTF-8"),
    ("1 5 6 7\n2 6 7 8\n".encode("utf-16"), 1, "is not UTF-8"),
    (b"1 5 6 7\n2 6 \x00 8\n", 2, "'\\x00' is not a whole number"),
    ("1 5 6 7\n2 6\u00a07 8\n".encode(), 2, r"'6\xa07' is not a whole number. Expected: user item"),
    (b"1 5 6 7\n2 6\x0c7 8\n", 2, r"'6\x0c7' is not a whole number"),
    (b"1 5 6 7\n2 6 7\x0b8\n", 2, r"'7\x0b8' is not a whole number"),
    ("1 5 6 7\u2028".encode(), 1, r"'7\u2028' is not a whole number"),
    ("1 5 6 7\u00852 6 7 8\n".encode(), 1, r"'7\x852' is not a whole number"),
    (b"1 5 6 7\n\x0c\n2 6 7 8\n", 2, r"'\x0c' is not a whole number"),
    (GOOD + b"\x0c", 3, r"'\x0c' is not a whole number"),
])
def test_bad_lines(tmp_path, content, line, message):
    with pytest.raises(DataError, match=rf"own\.txt:{line}: .*{re.escape(message)}"):
        read_sequences(write(tmp_path, content))


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf"])
def test_empty_file(tmp_path, content):
    with pytest.raises(DataError, match=r"own\.txt: the file is empty"):
        read_sequences(write(tmp_path, content))


def test_compressed_files_are_unpacked(tmp_path):
    plain, packed = read_sequences(write(tmp_path, GOOD)), tmp_path / "own.txt.gz"
    packed.write_bytes(gzip.compress(GOOD))
    assert read_sequences(packed).sha256 == plain.sha256 == load(packed).sha256
    assert read_sequences(packed).name == plain.name == "own"
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"own\.txt\.gz: not a complete gzip file"):
        read_sequences(packed)


def test_an_import_filters_short_histories_itself(tmp_path):
    path = write(tmp_path, b"1 5 6 7\n2 6 7\n3 5\n")
    assert import_file(path).user_ids.tolist() == [1]
    assert import_file(path, filters=Filters(min_history=2)).user_ids.tolist() == [1, 2]


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"none\.txt: no such file"):
        read_sequences(tmp_path / "none.txt")


def test_directory(tmp_path):
    with pytest.raises(DataError, match="is a directory, not a data file"):
        read_sequences(tmp_path)


def test_unreadable_file(tmp_path, monkeypatch):
    path = write(tmp_path, GOOD)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(DataError, match=r"own\.txt: cannot be read: Permission denied"):
        read_sequences(path)


def test_wrong_sha256(tmp_path):
    path, expected = write(tmp_path, GOOD), card("beauty").file
    with pytest.raises(DataError) as caught:
        read_sequences(path, expect=expected)
    for part in ("wrong sha256", expected.sha256, hashlib.sha256(GOOD).hexdigest(), str(path), "Delete or move it"):
        assert part in str(caught.value)


def test_right_sha256_gives_the_name_of_the_data_set(tmp_path):
    expected = replace(card("beauty").file, sha256=hashlib.sha256(GOOD).hexdigest())
    assert read_sequences(write(tmp_path, GOOD), expect=expected).name == "beauty"


@pytest.mark.parametrize("name", ["beauty", "lastfm"])
def test_real_files_have_the_counts_of_their_cards(shared_data, name):
    expected = card(name)
    path = shared_data / expected.file.filename
    if not path.exists():
        pytest.skip(f"needs {expected.file.filename} in the shared data folder")
    data = read_sequences(path, expect=expected.file)
    assert (data.n_users, data.n_items, data.n_interactions) == (
        expected.users, expected.items, expected.interactions)
    first = path.read_text().splitlines()[0].split()
    assert [str(data.user_ids[0]), *map(str, data.item_ids[data.history(0)])] == first
