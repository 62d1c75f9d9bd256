"""Atomic writes: a file has the old content or the new one, never a part, and no temporary files remain."""

import os

import pytest

from minirearec import atomic


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path):
    for content in (b"old", b"new"):
        atomic.write_bytes(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content and names(tmp_path) == ["file"]


def test_bytes_are_flushed_before_the_move_and_the_name_after_it(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("flush"), fsync(number)))
    monkeypatch.setattr(os, "replace", lambda part, path: (done.append("move"), replace(part, path)))
    atomic.write_bytes(tmp_path / "file", b"x")
    assert done == ["flush", "move", "flush"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file(tmp_path, failure):
    (tmp_path / "file").write_text("old")
    with pytest.raises(type(failure)), atomic.replacing(tmp_path / "file") as part:
        part.write_text("half")
        raise failure
    assert names(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "old"


def test_a_move_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    def refuse(part, path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        atomic.write_bytes(tmp_path / "file", b"new")
    assert names(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "old"


def test_a_folder_is_made_with_its_parents_and_the_usual_rights(tmp_path):
    with atomic.new_folder(tmp_path / "above" / "folder") as part:
        (part / "inside").mkdir()
        (part / "inside" / "file").write_text("x")
        assert not (tmp_path / "above" / "folder").exists()
    (tmp_path / "usual").mkdir()
    assert names(tmp_path / "above") == ["folder"] and (tmp_path / "above" / "folder" / "inside" / "file").exists()
    assert (tmp_path / "above" / "folder").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_failed_folder_leaves_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic.new_folder(tmp_path / "folder") as part:
        (part / "file").write_text("x")
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_a_folder_is_never_moved_over_another(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("x")
    with pytest.raises(OSError), atomic.new_folder(tmp_path / "folder"):
        pass
    assert names(tmp_path) == ["folder"] and names(tmp_path / "folder") == ["mine"]


def test_the_files_of_a_folder_are_flushed_before_its_move(tmp_path, monkeypatch):
    done = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("flush"), fsync(number)))
    monkeypatch.setattr(os, "rename", lambda part, path: (done.append("move"), rename(part, path)))
    with atomic.new_folder(tmp_path / "folder") as part:
        for name in "ab":
            (part / name).write_text("x")
    assert done == ["flush", "flush", "move", "flush"]  # the last one: of the new name


def test_a_folder_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("x")
    rename = os.rename
    monkeypatch.setattr(os, "rename", lambda part, path: pytest.fail("killed") if str(part).endswith(".part")
                        else rename(part, path))
    with pytest.raises(pytest.fail.Exception), atomic.new_folder(tmp_path / "folder", replace=True):
        pass
    assert names(tmp_path) == ["folder"] and names(tmp_path / "folder") == ["mine"]
