"""Data sets made of several files: fetched from a local server, prepared and kept."""

import gzip
from dataclasses import replace

import pytest

from minirearec.data import card, fetch, load
from minirearec.data.catalogue import download, folders
from minirearec.data.catalogue.presence import state
from minirearec.data.files.folder import load_directory
from minirearec.errors import DataError, DownloadError
from tests.data.catalogue.amazon_files import KEPT, rows, write_amazon


@pytest.fixture
def game_shop(tmp_path, monkeypatch, server, offer):
    """Offer video-games from a local server, with the counts of the small files."""
    source = tmp_path / "source"
    source.mkdir()
    files = write_amazon(source)
    served = {role: (200, path.read_bytes(), None) for role, path in files.items()}
    parts = tuple(replace(part, urls=(server.url(f"/{part.filename}", served[part.role]),))
                  for part in card("video-games").parts)
    small = replace(card("video-games"), parts=parts, users=4, items=7, interactions=8, rows=(5, 1, 2))
    offer(small)
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)
    small_files = {part.role: source / part.filename for part in parts}
    return small, small_files, server


def test_fetch_downloads_prepares_and_keeps(game_shop, tmp_path):
    _, _, server = game_shop
    path = fetch("video-games", tmp_path / "data")
    assert path == tmp_path / "data" / "video-games" and len(server.requests) == 4
    assert rows(load_directory(path)) == KEPT
    assert load("video-games", tmp_path / "data", download=False).sha256 == load_directory(path).sha256
    assert fetch("video-games", tmp_path / "data") == path and len(server.requests) == 4
    assert state("video-games", tmp_path / "data") == ("found, prepared", path)
    assert not list((tmp_path / "data").glob("*.part"))


def test_load_fetches_what_is_not_there(game_shop, tmp_path):
    data = load("video-games", tmp_path / "data")
    assert rows(data) == KEPT and (data.name, data.synthetic) == ("video-games", False)
    assert state("video-games")[0] == "not here; downloaded on first use"


def test_files_that_are_here_are_used_as_they_are(game_shop, tmp_path):
    _, files, server = game_shop
    data = load("video-games", files["train"].parent, download=False)
    assert rows(data) == KEPT and server.requests == []
    assert not (files["train"].parent / "video-games").exists(), "reading writes nothing"
    assert state("video-games", files["train"].parent) == ("its files are here", files["train"].parent)
    unpacked = files["valid"].with_suffix("")
    unpacked.write_bytes(gzip.decompress(files["valid"].read_bytes()))
    files["valid"].unlink()
    assert load("video-games", unpacked.parent, download=False).sha256 == data.sha256


def test_other_counts_are_refused_unless_asked_for(game_shop, tmp_path, offer):
    small, files, _ = game_shop
    offer(replace(small, users=5, rows=(5, 2, 2)))
    message = "differ from those on its card: 4 users, not 5, 1 rows to validate, not 2.*--any-version --data-dir .*"
    with pytest.raises(DataError, match=message):
        load("video-games", files["train"].parent)
    fetch("video-games", tmp_path / "data", any_version=True)
    again = load("video-games", tmp_path / "data", download=False)
    assert (again.name, again.where) == ("video-games-other-version", "video-games")


def test_a_gzip_file_that_is_cut_or_no_gzip_is_not_kept(game_shop, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "RETRY_SECONDS", 0)
    _, files, server = game_shop
    for body in (files["test"].read_bytes()[:-20], b"<html>log in</html>"):
        server.answers["/Video_Games.test.csv.gz"] = [(200, body, None)]
        with pytest.raises(DownloadError, match="wrong bytes .not a complete gzip file"):
            fetch("video-games", tmp_path / "data")
        assert not (tmp_path / "data" / "Video_Games.test.csv.gz").exists()
        assert not (tmp_path / "data" / "video-games").exists()
    server.answers["/Video_Games.test.csv.gz"] = [(200, files["test"].read_bytes(), None)]
    before = len(server.requests)
    fetch("video-games", tmp_path / "data")
    assert len(server.requests) == before + 2, "the test file and what follows it: the others are there"


def test_what_needs_hands_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    for call in (lambda: fetch("yelp", tmp_path / "data"), lambda: load("yelp", tmp_path / "data")):
        with pytest.raises(DownloadError, match="yelp_academic_dataset_review.json not in .*data.*agree to its terms"):
            call()
    message = "nor are its files .yelp_academic_dataset_review.json., and downloading is off"
    with pytest.raises(DownloadError, match=message):
        load("yelp", tmp_path, download=False)
    assert "by hand" in state("yelp")[0]
    assert not (tmp_path / "data").exists()


def test_a_damaged_part_is_found(shared_data, tmp_path):
    text = (shared_data / "ml-100k.inter").read_text()
    (tmp_path / "ml-100k.inter").write_text(text[:100000])
    with pytest.raises(DataError, match="ml-100k.inter: wrong sha256"):
        load("ml-100k", tmp_path, download=False)
    assert state("ml-100k", tmp_path)[0] == "found, with a wrong sha256"


def test_an_optional_part_may_be_missing(shared_data, tmp_path, monkeypatch, server, offer):
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    real = card("ml-100k")
    content = (shared_data / "ml-100k.inter").read_bytes()
    parts = (replace(real.parts[0], urls=(server.url("/i", (200, content, None)),)),
             replace(real.parts[1], urls=(server.url("/t", (404, b"", None)),)))
    offer(replace(real, parts=parts))
    assert load("ml-100k", tmp_path / "data").titles is None
