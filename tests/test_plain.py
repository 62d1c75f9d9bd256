"""Only plain files are opened: what would hang or never end is refused at once."""

import os

import pytest

from minirearec.plain import open_plain


def test_a_file_and_a_link_to_one_open(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("x")
    for name in ("x", "link"):
        with open_plain(tmp_path / name) as file:
            assert file.read() == b"abc"


def test_a_pipe_and_a_device_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", "/dev/zero"):
        with pytest.raises(OSError, match="not a plain file but a pipe, a socket or a device"):
            open_plain(path)


def test_a_directory_and_nothing_are_refused(tmp_path):
    for path, kind in ((tmp_path, IsADirectoryError), (tmp_path / "none", FileNotFoundError)):
        with pytest.raises(kind):
            open_plain(path)
