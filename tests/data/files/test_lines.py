"""Lines: plain or compressed, and one message for every kind of damage."""

import gzip
import os
import tracemalloc

import pytest

from minirearec.data.files.importing import import_file
from minirearec.data.files.lines import read_lines, short
from minirearec.errors import DataError
from tests.data.files.examples import GOOD, ROWS, csv_of


def test_truncated_and_false_gzip(tmp_path):
    whole = gzip.compress(csv_of([(user, user, 5, user) for user in range(20000)]).encode())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(DataError, match=r"cut.csv.gz:\d{3,}: not a complete gzip file"):
        import_file(cut)
    cut.write_bytes(csv_of(ROWS).encode())
    with pytest.raises(DataError, match="cut.csv.gz:1: not a complete gzip file"):
        import_file(cut)
    cut.write_bytes(gzip.compress(GOOD.encode() + b"u,\xe9,5,4\n"))
    with pytest.raises(DataError, match="cut.csv.gz:5: byte 0xe9 is not UTF-8"):
        import_file(cut)


def test_a_line_without_an_end_is_not_read_to_its_end(tmp_path):
    """A compressed file of one kilobyte may unpack to a line of a gigabyte; two bad bytes must not change that."""
    path = tmp_path / "bomb.csv.gz"
    for content, message in ((bytes(40_000_000), "longer than 1,000,000"), (b"\xff" + bytes(40_000_000), "not UTF-8")):
        path.write_bytes(gzip.compress(content))
        tracemalloc.start()
        with pytest.raises(DataError, match=f"bomb.csv.gz:1: .*{message}"):
            list(read_lines(path))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("content", [b"a\nb\n", b"\xef\xbb\xbfa\r\nb\r\n", b"a\rb\r"])
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "X.GZ"])
def test_line_ends_and_compression_do_not_show(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    assert list(read_lines(path)) == ["a\n", "b\n"]


def test_no_file_and_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="none.csv: no such file"):
        list(read_lines(tmp_path / "none.csv"))
    with pytest.raises(DataError, match="is a directory, not a data file"):
        list(read_lines(tmp_path))

    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", "/dev/zero"):
        with pytest.raises(DataError, match="cannot be read: not a plain file but a pipe, a socket or a device"):
            list(read_lines(path))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(DataError, match="x.csv: cannot be read: Permission denied. Check the file"):
        list(read_lines(tmp_path / "x.csv"))


def test_long_texts_are_cut():
    assert short("x" * 30) == "x" * 30 and short("x" * 31) == "x" * 27 + "..." and short(12) == "12"
