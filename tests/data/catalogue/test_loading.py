"""Where data sets are found, and the rules of the stand-in for Beauty. No network: addresses are closed ports."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from minirearec.data import beauty_sim, card, cards, fetch, load
from minirearec.data.catalogue import folders
from minirearec.data.catalogue.folders import find
from minirearec.data.catalogue.loading import GENERATORS
from minirearec.data.catalogue.presence import state
from minirearec.errors import ConfigError, DataError, DownloadError

BODY = b"1 5 6 7\n2 6 7 8\n"


def sold_at(found, url):
    """Return a card whose file has the bytes of BODY, at one address."""
    return replace(found, file=replace(found.file, urls=(url,), sha256=hashlib.sha256(BODY).hexdigest()))


@pytest.fixture(autouse=True)
def offline(tmp_path, monkeypatch, closed_url, offer):
    """Set an empty cache, no variable, closed addresses, and a Beauty of two users with a quick stand-in."""
    offer(*(sold_at(found, closed_url) for found in cards().values() if found.file))
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)
    monkeypatch.setitem(GENERATORS, "beauty-sim",
                        lambda seed: beauty_sim(seed, users=50, items=40, interactions=400))


def put(folder: Path, name="Beauty.txt", content=BODY) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_load_from_a_folder(tmp_path):
    path = put(tmp_path / "here")
    data = load("beauty", tmp_path / "here", on_fallback=pytest.fail)
    assert (data.name, data.synthetic, data.n_users) == ("beauty", False, 2)
    assert str(path) in data.source and card("beauty").title in data.source


def test_load_downloads_to_the_first_folder(tmp_path, server, offer):
    url = server.url("/a", (200, BODY, None))
    offer(sold_at(card("toys"), url), sold_at(card("beauty"), url))
    assert load("toys", tmp_path / "option").n_users == 2
    assert (tmp_path / "option" / "Toys_and_Games.txt").exists()
    assert load("beauty").synthetic is False
    assert (tmp_path / "cache" / "Beauty.txt").exists()


def test_beauty_falls_back_and_says_why(closed_url):
    reasons = []
    data = load("beauty", on_fallback=reasons.append)
    assert (data.name, data.synthetic) == ("beauty-sim", True)
    assert len(reasons) == 1 and closed_url in reasons[0] and "cannot connect" in reasons[0]
    assert data.source.startswith(
        "synthetic, generated from seed 0, because beauty could not be downloaded: cannot connect")
    assert "\n" not in data.source
    assert data.sha256 == load("beauty-sim").sha256


def test_fallback_without_download(tmp_path):
    data = load("beauty", download=False)
    assert data.synthetic and "downloading is off" in data.source
    assert not (tmp_path / "cache").exists()


def test_require_real_is_an_error_instead(closed_url):
    with pytest.raises(DownloadError, match="could not be downloaded"):
        load("beauty", require_real=True, on_fallback=pytest.fail)
    with pytest.raises(ConfigError, match="beauty-sim: the data set is synthetic"):
        load("beauty-sim", require_real=True)


@pytest.mark.parametrize("name", ["toys", "lastfm"])
def test_no_other_set_falls_back(name):
    with pytest.raises(DownloadError, match=f"data set {name}: could not be downloaded"):
        load(name, on_fallback=pytest.fail)
    with pytest.raises(DownloadError, match="downloading is off"):
        load(name, download=False, on_fallback=pytest.fail)


@pytest.mark.parametrize("content", [BODY[:-4], b"", b"\xff\x00"])
def test_a_damaged_file_never_falls_back(tmp_path, content):
    put(tmp_path / "cache", content=content)
    with pytest.raises(DataError, match="Beauty.txt: wrong sha256"):
        load("beauty", on_fallback=pytest.fail)


def test_a_directory_of_that_name_never_falls_back(tmp_path):
    (tmp_path / "cache" / "Beauty.txt").mkdir(parents=True)
    with pytest.raises(DataError, match="is a directory"):
        load("beauty", on_fallback=pytest.fail)


def test_an_unwritable_folder_never_falls_back(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="cannot be read or written"):
        load("beauty", tmp_path / "file", on_fallback=pytest.fail)


def test_seed_is_that_of_the_synthetic_data():
    assert load("beauty-sim").sha256 == load("beauty-sim", seed=0).sha256 != load("beauty-sim", seed=1).sha256


@pytest.mark.parametrize("kind", [str, Path])
def test_own_file_by_path(tmp_path, kind):
    data = load(kind(put(tmp_path, "mine.txt")))
    assert (data.name, data.n_users) == ("mine", 2)


def test_own_file_without_a_suffix(tmp_path, monkeypatch):
    put(tmp_path, "mine")
    monkeypatch.chdir(tmp_path)
    assert load("mine").name == "mine"


def test_a_missing_path_is_no_unknown_name():
    with pytest.raises(DataError, match=r"mine\.txt: no such file"):
        load("mine.txt")


def test_unknown_name():
    with pytest.raises(DataError, match="unknown data set 'beautty'. Did you mean beauty"):
        load("beautty")


def test_import_is_light():
    code = ("import sys, minirearec.data; "
            "print(sorted({'platformdirs', 'requests', 'torch', 'urllib3'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[3])
    assert done.stdout.strip() == "[]"


def test_fetch_by_name(tmp_path, server, offer):
    offer(sold_at(card("beauty"), server.url("/a", (200, BODY, None))))
    assert fetch("beauty", tmp_path).read_bytes() == BODY


def test_nothing_to_fetch(tmp_path):
    with pytest.raises(DownloadError, match="data set beauty-sim: is synthetic, so there is no file"):
        fetch("beauty-sim", tmp_path)


@pytest.mark.parametrize("name", ["beauty", "beauty-sim"])
def test_a_name_is_looked_up_once_and_a_card_never(lookups, name):
    """``beauty`` goes the longest way: to no folder, to closed addresses, to its stand-in."""
    assert load(name).synthetic and lookups == [name]
    load(card(name))
    assert lookups == [name] * 2, "the second for card() itself"


def test_other_ways_look_a_name_up_once(lookups, tmp_path):
    put(tmp_path / "cache")
    for way in (find, state, lambda name: fetch(name, tmp_path / "cache"), load):
        way("beauty")
        assert lookups == ["beauty"]
        lookups.clear()


def test_data_know_what_their_card_says_of_training(tmp_path):
    put(tmp_path / "cache")
    put(tmp_path / "cache", "LastFM.txt")
    for name in ("hops", "beauty"):
        assert load(name).training == card(name).training != {}
    assert load("lastfm").training == {}
    load("hops").training["epochs"] = 1
    assert card("hops").training["epochs"] == 25, "the card is not shared"


def test_where_data_are_found_again(tmp_path):
    assert load("beauty").where == "beauty-sim"
    path = put(tmp_path / "cache")
    assert load("beauty").where == "beauty" and load(path).where == str(path.resolve())


def test_a_negative_seed_is_refused():
    with pytest.raises(ConfigError, match="--seed: a seed of -1. It must be at least 0"):
        load("markov", seed=-1)


def test_paths_that_lead_nowhere_are_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", "~nobody-of-this-name/x", f"{tmp_path}/{'a' * 5000}", f"{tmp_path}/{'a/' * 3000}"):
        with pytest.raises(DataError, match="no such file|cannot be read"):
            load(path)


def test_a_path_that_no_run_could_remember_is_refused(tmp_path):
    path = put(tmp_path, os.fsdecode(b"\xff.txt"))
    with pytest.raises(DataError, match="the path is not UTF-8 text. Rename the file or its folders"):
        load(path)


def test_pipes_and_devices_are_refused(tmp_path):
    os.mkfifo(tmp_path / "Beauty.txt")
    for path in (tmp_path / "Beauty.txt", "/dev/zero"):
        with pytest.raises(DataError, match="cannot be read: not a plain file but a pipe, a socket or a device"):
            load(path)
    with pytest.raises(DataError, match="Beauty.txt: cannot be read: not a plain file"):
        load("beauty", tmp_path)
    assert state("beauty", tmp_path)[1] == tmp_path / "Beauty.txt"  # and does not wait
