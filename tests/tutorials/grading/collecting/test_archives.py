"""Zips from strangers: read up to a limit, never unpacked."""

import os
import random
import struct
import warnings
import zipfile

import pytest

from minirearec_tutorials.grading.collecting import archives
from tests.tutorials.grading.collecting.handing_in import put_zip, zipped


def test_members_and_their_content(tmp_path):
    path = put_zip(tmp_path / "a.zip", {"a2/": "", "a2/a2.py": "x = 1", "b.txt": "b"})
    assert archives.members(path) == ["a2/a2.py", "b.txt"]
    assert archives.content(path, "a2/a2.py", 100) == b"x = 1"


def test_a_bomb_is_read_up_to_the_limit(tmp_path):
    """100 MB of zeros in 100 kB, and a header that says 5 bytes."""
    path = put_zip(tmp_path / "bomb.zip", {"a2.py": bytes(100_000_000)})
    assert path.stat().st_size < 150_000
    assert len(archives.content(path, "a2.py", 1000)) == 1000
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02") + 24
    data[place:place + 4] = struct.pack("<I", 5)
    path.write_bytes(data)
    try:
        assert len(archives.content(path, "a2.py", 1000)) <= 1000
    except ValueError as error:
        assert "cannot be unpacked" in str(error)


@pytest.mark.parametrize("change, says", [
    (lambda info: setattr(info, "external_attr", 0o120777 << 16), "is a link"),
    (lambda info: setattr(info, "compress_type", zipfile.ZIP_BZIP2), "unusual way"),
    (lambda info: setattr(info, "compress_type", zipfile.ZIP_LZMA), "unusual way")])
def test_members_that_are_refused(tmp_path, change, says):
    info = zipfile.ZipInfo("a2.py")
    change(info)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "x = 1")
    with pytest.raises(ValueError, match=says):
        archives.content(tmp_path / "a.zip", "a2.py", 100)


def test_encrypted_members_are_refused(tmp_path):
    data = bytearray(zipped({"a2.py": "x = 1"}))
    data[data.rindex(b"PK\x01\x02") + 8] |= archives.ENCRYPTED
    data[6] |= archives.ENCRYPTED
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(ValueError, match="is encrypted"):
        archives.content(tmp_path / "a.zip", "a2.py", 100)


def test_what_is_no_zip_or_too_large_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_bytes(b"Rar!")
    with pytest.raises(ValueError, match="is not a zip"):
        archives.members(tmp_path / "a.zip")
    path = put_zip(tmp_path / "b.zip", {f"{number}.py": "" for number in range(archives.MOST_MEMBERS + 1)})
    with pytest.raises(ValueError, match="holds more than 2000 files"):
        archives.members(path)
    monkeypatch.setattr(archives, "LARGEST_ZIP", 1000)
    with pytest.raises(ValueError, match="is larger than"):
        archives.members(path)


def test_damaged_zips_raise_nothing_else(tmp_path):
    """Fifteen hundred zips with a few bytes changed: each is read, or refused with one of two errors."""
    whole, draw, path = zipped({"a2.py": "x = 1\n" * 50, "b/ü.txt": "b"}), random.Random(0), tmp_path / "a.zip"
    refused = 0
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 2, 8))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data[:draw.choice((len(data), draw.randrange(len(data))))])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for member in archives.members(path):
                    archives.content(path, member, 1000)
        except (ValueError, OSError):
            refused += 1
    assert 300 < refused < 1500


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_no_zip(tmp_path):
    os.mkfifo(tmp_path / "ann.zip")
    with pytest.raises(ValueError, match="is not a file"):
        archives.members(tmp_path / "ann.zip")
