"""Features on the disk: found by exactly their data, read late, and refused in every other state."""

import os
import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest
import tomli_w

from minirearec.data import load
from minirearec.data.catalogue import folders
from minirearec.data.features import Features, choose_place, find_features, save_features
from minirearec.data.features.kept import DESCRIPTION, VALUES, places
from minirearec.data.files.folder import save
from minirearec.data.files.sealed import sealed
from minirearec.errors import DataError
from tests.data.files.examples import small

VECTORS = Features(np.arange(6.0).reshape(3, 2), "counting")


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """Set an empty cache folder and unset the variable."""
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)


@pytest.fixture
def data(tmp_path):
    """Import a data set of three items, and keep features beside it."""
    loaded = load(save(small(tmp_path), tmp_path / "own"))
    assert loaded.features is None
    save_features(VECTORS, loaded, choose_place(loaded), {"source": "x.npy"})
    return load(tmp_path / "own")


def test_load_finds_them_beside_the_data(data, tmp_path):
    found = data.features
    assert found is not None and (found.values == VECTORS.values).all() and found.values.dtype == np.float32
    assert (found.origin, found.sha256, found.width, found.missing) == ("counting", VECTORS.sha256, 2, 0)
    assert sorted(path.name for path in (tmp_path / "own.features").iterdir()) == [VALUES, DESCRIPTION]
    assert found.about["settings"] == {"source": "x.npy"} and found.about["data"] == data.name
    assert found.take(np.array([2])).values.tolist() == [[4, 5]]


def test_how_many_share_theirs_is_kept_and_counted_where_an_earlier_version_did_not(tmp_path):
    loaded = load(save(small(tmp_path), tmp_path / "own"))
    folder = save_features(Features(np.array([[1, 2], [0, 3], [1, 2]]), "twins"), loaded, choose_place(loaded))
    about = tomllib.loads((folder / DESCRIPTION).read_text())
    assert (about["alike"], load(tmp_path / "own").features.alike) == (2, 2)
    del about["alike"], about["seal"]
    (folder / DESCRIPTION).write_bytes(sealed(tomli_w.dumps(about).encode()))
    assert load(tmp_path / "own").features.alike == 2


def test_features_of_a_text_file_and_of_a_named_set(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("1 5 6 7\n")
    for name, folder in ((path, tmp_path / "mine.features"), ("markov", tmp_path / "cache" / "markov.features")):
        made = load(name)
        save_features(Features(np.ones((made.n_items, 1)), "ones"), made, choose_place(made))
        assert load(name).features.values.shape == (made.n_items, 1) and folder.is_dir()
    with pytest.raises(DataError, match="markov.features: the features are those of other data: markov with 500"):
        assert load("markov", seed=1).features.values


def test_places_in_their_order(data, tmp_path, monkeypatch):
    monkeypatch.setenv("MINIREAREC_DATA", str(tmp_path / "b"))
    names = [str(path.relative_to(tmp_path)) for path in places(data, tmp_path / "a")]
    assert names == ["own.features", "a/own.features", "b/own.features", "cache/own.features"]
    assert places(load("markov"), tmp_path / "a")[0] == tmp_path / "a" / "markov.features"
    assert places(small(tmp_path)) == [] and find_features(small(tmp_path)) is None


def test_the_first_that_fits_is_found(data, tmp_path):
    other = replace(data, sha256="0" * 64)
    save_features(VECTORS, data, tmp_path / "a" / "own.features")
    save_features(VECTORS, other, tmp_path / "own.features", replace=True)
    assert find_features(data, tmp_path / "a").folder == tmp_path / "a" / "own.features"
    assert find_features(other, tmp_path / "a").folder == tmp_path / "own.features"


def test_the_place_for_new_features(data, tmp_path, monkeypatch):
    with pytest.raises(DataError, match="own.features: there are features here already. Replace them with --replace"):
        choose_place(data)
    assert choose_place(data, replace=True) == tmp_path / "own.features"
    assert choose_place(data, out=tmp_path / "new") == tmp_path / "new" / "own.features"
    markov, closed = load("markov"), tmp_path / "closed"
    closed.mkdir()
    assert choose_place(markov, closed).parent == closed
    closed.chmod(0o555)
    assert choose_place(markov, closed).parent == tmp_path / "cache" and not (tmp_path / "cache").exists()
    (tmp_path / "cache" / "markov.features").mkdir(parents=True)
    with pytest.raises(DataError, match="is not a folder of features, so it is not replaced"):
        choose_place(markov, closed, replace=True)
    with pytest.raises(DataError, match="data set x: has no place of its own"):
        choose_place(small(tmp_path))


def test_replacing_leaves_only_the_new_ones(data, tmp_path):
    before = sorted(path.name for path in tmp_path.iterdir())
    new = Features(np.ones((3, 5)), "ones")
    save_features(new, data, tmp_path / "own.features", replace=True)
    assert load(tmp_path / "own").features.sha256 == new.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    with pytest.raises(DataError, match="own.features: there are features here already"):
        save_features(new, data, tmp_path / "own.features")


def test_a_failed_save_leaves_the_old_ones(data, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match="No space left on device"):
        save_features(Features(np.ones((3, 5)), "ones"), data, tmp_path / "own.features", replace=True)
    assert data.features.values.shape == (3, 2)


def test_a_disk_that_fills_as_the_new_ones_are_flushed_leaves_the_old_ones(data, tmp_path, monkeypatch):
    before = sorted(path.name for path in tmp_path.iterdir())

    def full(_):
        raise OSError(28, "No space left on device")

    for name in ("fsync", "rename"):  # the first rename is that of the old ones
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full if name == "fsync" else lambda old, new: full(old))
            with pytest.raises(DataError, match="No space left on device"):
                save_features(Features(np.ones((3, 5)), "ones"), data, tmp_path / "own.features", replace=True)
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert load(tmp_path / "own").features.sha256 == VECTORS.sha256


def test_features_of_other_texts_are_refused(tmp_path):
    loaded = load(save(replace(small(tmp_path), titles=np.array(["Ace", "Bolt", "Cat"], object)), tmp_path / "own"))
    save_features(VECTORS, loaded, choose_place(loaded), {"source": "titles"})
    assert load(tmp_path / "own").features.sha256 == VECTORS.sha256
    for titles in (np.array(["Ace", "Bolt", "Dog"], object), None):
        features = find_features(replace(loaded, titles=titles))
        with pytest.raises(DataError, match="made of other titles and texts than the data have now. Make them again"):
            _ = features.values
    assert find_features(replace(loaded, texts={"brand": loaded.titles})).width == 2, "they are made of titles alone"


def test_features_with_other_rows_are_not_saved(data, tmp_path):
    with pytest.raises(DataError, match="features for data set x: has 4 rows for 3 items"):
        save_features(Features(np.ones((4, 5)), "ones"), data, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def seal(folder, old, new):
    text = (folder / DESCRIPTION).read_bytes().partition(b"\n")[2]
    assert old in text
    (folder / DESCRIPTION).write_bytes(sealed(text.replace(old, new)))


FIX = "Make them again: minirearec data features .*own --replace"


@pytest.mark.parametrize("damage, message", [
    (lambda f: (f / VALUES).write_bytes((f / VALUES).read_bytes()[:-4]), f"{VALUES}: does not have the sha256"),
    (lambda f: np.save(f / VALUES, np.ones((3, 2), "f4")), f"{VALUES}: does not have the sha256"),
    (lambda f: (f / VALUES).unlink(), f"{VALUES} is missing"),
    (lambda f: (f / VALUES).rename(f / "x") and (f / VALUES).symlink_to("x"), f"{VALUES}: is a link"),
    (lambda f: (f / DESCRIPTION).write_text("format = 1"), "features.toml: data is missing or not of type str"),
    (lambda f: (f / DESCRIPTION).write_text("format = "), "features.toml: not TOML"),
    (lambda f: (f / DESCRIPTION).write_bytes((f / DESCRIPTION).read_bytes() + b"\n"), "is not as it was written"),
    (lambda f: seal(f, b"format = 1", b"format = 2"), "the features have format 2, this version reads 1"),
    (lambda f: seal(f, b"items = 3", b"items = 4"), "those of other data: x with 4 items"),
    (lambda f: seal(f, b'data_sha256 = "', b'data_sha256 = "0'), "those of other data: x with 3 items and sha256 0"),
])
def test_damaged_features_are_refused_when_they_are_used(data, tmp_path, damage, message):
    damage(tmp_path / "own.features")
    loaded = load(tmp_path / "own")
    assert loaded.n_items == 3 and loaded.features is not None, "the data can be used without them"
    with pytest.raises(DataError, match=f"{re.escape(message)}.*{FIX}"):
        assert loaded.features.values


def test_every_byte_of_the_description_matters(data, tmp_path):
    path = tmp_path / "own.features" / DESCRIPTION
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        with pytest.raises(DataError, match=r"features\.toml: "):
            assert load(tmp_path / "own").features.origin


def test_a_folder_without_a_description_is_none(data, tmp_path):
    os.remove(tmp_path / "own.features" / DESCRIPTION)
    assert load(tmp_path / "own").features is None
