"""Where data sets are looked for."""

from pathlib import Path

import pytest

from minirearec.data import data_folders, find
from minirearec.data.catalogue import folders
from minirearec.errors import DataError


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """Set an empty cache folder and unset the variable."""
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)


def put(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Beauty.txt").write_bytes(b"1 5 6 7\n")
    return folder / "Beauty.txt"


def test_folders_in_order(tmp_path, monkeypatch):
    assert data_folders() == [tmp_path / "cache"]
    monkeypatch.setenv("MINIREAREC_DATA", str(tmp_path / "variable"))
    assert data_folders(tmp_path / "option") == [tmp_path / "option", tmp_path / "variable", tmp_path / "cache"]
    assert data_folders(tmp_path / "cache") == [tmp_path / "cache", tmp_path / "variable"], "each once"
    monkeypatch.setenv("MINIREAREC_DATA", "")
    assert data_folders() == [tmp_path / "cache"]


def test_home_is_expanded():
    assert data_folders("~/x")[0] == Path.home() / "x"


def test_find_takes_the_first_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIREAREC_DATA", str(tmp_path / "variable"))
    assert find("beauty") is None
    cached = put(tmp_path / "cache")
    assert find("beauty") == cached
    named = put(tmp_path / "variable")
    assert find("beauty") == named
    assert find("beauty", tmp_path / "elsewhere") == named
    assert find("beauty", put(tmp_path / "option").parent) == tmp_path / "option" / "Beauty.txt"


def test_find_of_a_synthetic_set(tmp_path):
    assert find("beauty-sim", tmp_path) is None


def test_a_folder_that_cannot_be_searched(tmp_path, monkeypatch):
    def closed(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", closed)
    with pytest.raises(DataError, match="closed: cannot be searched: Permission denied. Check its permissions"):
        find("beauty", tmp_path / "closed")
