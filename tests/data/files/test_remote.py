"""A file that can be downloaded, and the check of its bytes."""

import hashlib

import pytest

from minirearec.data.files.remote import RemoteFile, file_sha256
from minirearec.errors import DataError


def test_sha256_of_a_file(tmp_path):
    (tmp_path / "x").write_bytes(b"abc" * 100_000)
    assert file_sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_other_bytes_are_named(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"right")
    remote = RemoteFile("x.txt", sha256=file_sha256(path), dataset="beauty")
    remote.check(path)
    path.write_bytes(b"wrong")
    with pytest.raises(DataError) as caught:
        remote.check(path)
    for part in (str(path), remote.sha256, file_sha256(path), "another version of beauty", "Delete or move it"):
        assert part in str(caught.value)
    RemoteFile("x.txt").check(path)
