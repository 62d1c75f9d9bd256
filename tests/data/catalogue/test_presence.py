"""Whether data sets are here: every answer in words."""

import hashlib
from dataclasses import replace

import pytest

from minirearec.data import card
from minirearec.data.catalogue import folders
from minirearec.data.catalogue.presence import NOT_HERE, QUICK, WRONG, at_hand, state

BODY = b"1 5 6 7\n"


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """Set an empty cache folder and unset the variable."""
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)


def test_synthetic_sets_are_nowhere():
    assert state("hops") == ("generated on demand", None)


def test_a_set_of_one_file(tmp_path):
    sha256 = hashlib.sha256(BODY).hexdigest()
    small = replace(card("toys"), file=replace(card("toys").file, sha256=sha256))
    assert state(small, tmp_path) == (NOT_HERE, None)
    path = tmp_path / small.file.filename
    path.write_bytes(BODY)
    assert state(small, tmp_path) == ("found", path)
    path.write_bytes(BODY * 2)
    assert state(small, tmp_path) == (WRONG, path)


def test_a_set_of_several_files(tmp_path):
    assert state("video-games", tmp_path) == (NOT_HERE, None)
    assert state("yelp", tmp_path) == ("not here; needs yelp_academic_dataset_review.json, by hand", None)
    (tmp_path / "yelp_academic_dataset_review.json").write_bytes(BODY)
    assert state("yelp", tmp_path) == ("its files are here", tmp_path)
    (tmp_path / "ml-100k.inter").write_bytes(BODY)
    assert state("ml-100k", tmp_path) == (WRONG, tmp_path / "ml-100k.inter")
    (tmp_path / "yelp").mkdir()
    (tmp_path / "yelp" / "dataset.toml").write_text("")
    assert state("yelp", tmp_path) == ("found, prepared", tmp_path / "yelp")


def test_data_at_hand(tmp_path, shared_data):
    assert at_hand("ml-100k", shared_data).n_items == 1008 and at_hand("ml-100k", tmp_path) is None
    assert at_hand("hops") is None, "it would be made first"
    (tmp_path / "ml-100k.inter").write_bytes(BODY)
    assert at_hand("ml-100k", tmp_path) is None, "damaged"


def test_large_files_are_not_prepared_in_passing(tmp_path, monkeypatch):
    path = tmp_path / "yelp_academic_dataset_review.json"
    with open(path, "wb") as file:
        file.truncate(QUICK + 1)
    monkeypatch.setattr("minirearec.data.catalogue.presence.load", lambda *_, **__: pytest.fail("it was read"))
    assert at_hand("yelp", tmp_path) is None
