"""Only regular files of a sensible size are read, and values from files have the types that readers rely on."""

import os

import pytest

from minirearec.errors import RunError
from minirearec.runs.files import fits, parse_json, read


@pytest.mark.parametrize("make, message", [
    (os.mkfifo, "is not a regular file"), (os.mkdir, "is not a regular file"),
    (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
    (lambda path: None, "config.toml is missing"), (lambda path: path.symlink_to("nowhere"), "config.toml is missing"),
    (lambda path: path.symlink_to(path), "cannot be read"),
    (lambda path: path.write_bytes(b"12345"), "has 5 bytes, and at most 4 make sense")])
def test_what_is_no_file_is_refused_without_waiting(make, message, tmp_path):
    make(tmp_path / "config.toml")
    with pytest.raises(RunError, match=message):
        read(tmp_path / "config.toml", 4)


def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "stored").write_bytes(b"x")
    (tmp_path / "config.toml").symlink_to(tmp_path / "stored")
    assert read(tmp_path / "config.toml") == b"x"


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff\xff"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(RunError, match="results: not JSON"):
        parse_json(text, "results", "")


@pytest.mark.parametrize("value, kind, expected", [
    (1, int, True), (True, int, False), (1, float, False), (1.0, float, True), (float("inf"), float, False),
    (None, str, False), ([1, 2], list[int], True), ([1, "2"], list[int], False), ({"a": 1}, list[int], False),
    ({"a": {"b": 0.5}}, dict[str, dict[str, float]], True), ({"a": 0.5}, dict[str, dict[str, float]], False),
    ({"a": 1, "more": 2}, {"a": int}, True), ({}, {"a": int}, False), ([], {"a": int}, False)])
def test_values_fit_types(value, kind, expected):
    assert fits(value, kind) == expected
