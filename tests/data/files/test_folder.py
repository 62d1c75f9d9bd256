"""The folder of a data set: what is saved comes back, and damage is named."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import by_time, load, make_split, read_sequences
from minirearec.data.files.folder import load_directory, read_description, save
from minirearec.data.files.importing import SplitRule, import_file
from minirearec.data.files.sealed import sealed
from minirearec.data.made.hops import hops
from minirearec.data.sequences import SplitKind, content_sha256
from minirearec.errors import DataError
from minirearec.evaluation.published import BEAUTY_SHA256
from tests.data.files.examples import csv_of, histories, put, small, texts_of, unsealed


def npy(shape: str) -> bytes:
    """Return an array file whose header claims a shape."""
    header = f"{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(24)


def change(folder, old: str, new: str):
    """Forge the description of a folder: replace text and seal it again."""
    path = folder / "dataset.toml"
    text = path.read_bytes().partition(b"\n")[2]
    assert old.encode() in text
    path.write_bytes(sealed(text.replace(old.encode(), new.encode())))


def test_arrays_are_memory_mapped(tmp_path):
    loaded = load_directory(save(small(tmp_path), tmp_path / "d"))
    assert isinstance(loaded.items, np.memmap) and isinstance(loaded.timestamps, np.memmap)
    assert not loaded.items.flags.writeable


def test_a_split_comes_back(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), split=SplitRule("time", (0.5, 0.8)))
    loaded = load(str(save(data, tmp_path / "d")))
    one, other = make_split(data), make_split(loaded)
    assert loaded.given.rule == data.given.rule
    for part in ("valid", "test"):
        assert (one.target(part) == other.target(part)).all()
    assert (one.train_items == other.train_items).all() and (one.is_target == other.is_target).all()


def test_texts_come_back_and_do_not_enter_the_sha256(tmp_path):
    data = small(tmp_path)
    texts = {"brand": np.array(["Ace ", "", "two\nlines"], dtype=object),
             "categories": np.array(["a|b c", "", "b"], dtype=object)}
    folder = save(replace(data, texts=texts, titles=np.array(["", "x", ""], dtype=object)), tmp_path / "d")
    loaded = load_directory(folder)
    assert texts_of(loaded) == {"brand": ["Ace", "", "two lines"], "categories": ["a|b c", "", "b"]}
    assert loaded.titles.tolist() == ["", "x", ""] and loaded.sha256 == data.sha256
    assert load_directory(save(data, tmp_path / "e")).texts == {}, "as folders of earlier versions"


def test_a_directory_is_found_by_its_bare_name(tmp_path, monkeypatch):
    save(small(tmp_path), tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert load("mine").name == "x"


def test_a_failed_save_leaves_nothing(tmp_path, monkeypatch):
    data = small(tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match="No space left on device"):
        save(data, tmp_path / "d")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("damage, message", [
    (lambda d: (d / "items.npy").unlink(), "items.npy is missing"),
    (lambda d: (d / "items.npy").write_bytes((d / "items.npy").read_bytes()[:-4]),
     "items.npy: not readable as an array"),
    (lambda d: (d / "items.npy").write_bytes(b""), "items.npy: not readable as an array"),
    (lambda d: (d / "items.npy").write_bytes(npy("(10**18,)")), "items.npy: not readable as an array"),
    (lambda d: (d / "items.npy").write_bytes(npy(f"({10**18},)")), "items.npy: not readable as an array"),
    (lambda d: np.save(d / "items.npy", np.array([{}])), "items.npy: not readable as an array"),
    (lambda d: (d / "items.npy").write_bytes(b"PK\x03\x04" + bytes(100)), "items.npy: not readable as an array"),
    (lambda d: np.save(d / "items.npy", np.zeros(6)), "items.npy: an array of type float64"),
    (lambda d: np.save(d / "items.npy", np.full(6, 3, dtype=np.int32)), "items.npy: does not fit"),
    (lambda d: np.save(d / "offsets.npy", np.array([0, 7, 6])), "offsets.npy: does not fit"),
    (lambda d: np.save(d / "offsets.npy", np.array([0, 2**63 - 1, -2, 6])), "offsets.npy: does not fit"),
    (lambda d: np.save(d / "timestamps.npy", np.zeros(5)), "timestamps.npy: does not fit"),
    (lambda d: np.save(d / "timestamps.npy", np.full(6, np.nan)), "timestamps.npy: does not fit"),
    (lambda d: (d / "brand.txt").write_text("Ace\n"), "brand.txt: does not fit"),
    (lambda d: (d / "titles.txt").write_text("a\n" * 4), "titles.txt: does not fit"),
    (lambda d: (d / "item_ids.txt").unlink(), "item_ids.txt is missing"),
    (lambda d: (d / "item_ids.txt").write_text(f"{'a' * 201}\nb\nc\n"), "an id of more than 200 characters"),
    (lambda d: (d / "user_ids.txt").write_text("u2\n"), "offsets.npy: does not fit"),
    (lambda d: (d / "user_ids.txt").write_bytes(b"\xff\n"), "user_ids.txt: is not UTF-8 text"),
    (lambda d: (d / "dataset.toml").write_text("format = "), "dataset.toml: not TOML"),
    (lambda d: (d / "dataset.toml").write_text("x = " + "[" * 10_000), "dataset.toml: not TOML"),
    (lambda d: (d / "dataset.toml").write_bytes(b"\xff"), "dataset.toml: not TOML"),
    (lambda d: (d / "dataset.toml").write_text("format = 9"), "the data set has format 9"),
    (lambda d: (d / "dataset.toml").write_text("format = 1"), "dataset.toml: name is missing"),
    (lambda d: (d / "dataset.toml").unlink(), "no data set here: dataset.toml is missing"),
])
def test_damage_that_no_seal_shows(tmp_path, damage, message):
    folder = unsealed(save(small(tmp_path), tmp_path / "d"))
    assert load_directory(folder).n_users == 2
    damage(folder)
    with pytest.raises(DataError, match=re.escape(message)):
        load_directory(folder)


@pytest.mark.parametrize("seal, message", [
    (True, "items.npy: does not have the sha256 that was recorded for it"),
    (False, "dataset.toml: the content does not have the sha256 that was recorded")])
def test_changed_content_is_refused(tmp_path, seal, message):
    folder = save(small(tmp_path), tmp_path / "d")
    folder = folder if seal else unsealed(folder)
    array = np.load(folder / "items.npy")
    np.save(folder / "items.npy", array[::-1])
    with pytest.raises(DataError, match=message):
        load_directory(folder)


def test_a_forged_sha256_is_refused(tmp_path):
    folder = save(small(tmp_path), tmp_path / "d")
    change(folder, load_directory(folder).sha256, BEAUTY_SHA256)
    with pytest.raises(DataError, match="the content does not have the sha256"):
        load_directory(folder)


def test_a_data_set_that_was_read_gets_the_sha256_of_its_content(tmp_path):
    data = read_sequences(put(tmp_path, "x.txt", "1 5 6 7\n"))
    loaded = load_directory(save(data, tmp_path / "d"))
    assert loaded.sha256 == content_sha256(data) != data.sha256


@pytest.mark.parametrize("name", ["../../x", "a/b", "a\\b", "", " ", "a\nb", "a\x1b[31m", "\u202ea"])
def test_a_name_that_no_folder_can_have(tmp_path, name):
    with pytest.raises(DataError, match="a data set cannot be called"):
        save(replace(small(tmp_path), name=name), tmp_path / "d")
    folder = save(small(tmp_path), tmp_path / "e")
    change(folder, 'name = "x"', f"name = {json.dumps(name)}")
    with pytest.raises(DataError, match="dataset.toml: a data set cannot be called"):
        load_directory(folder)


def test_a_leak_in_a_stored_split_is_found(tmp_path):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), split=SplitRule("last-n", n=1))
    given = replace(data.given, train_lengths=data.given.train_lengths + 1)
    folder = save(replace(data, given=given), tmp_path / "d")
    with pytest.raises(DataError, match="a valid target of user 0 is among the items that train"):
        load_directory(folder)


def timed(folder):
    rows = [(user, place % 4, 5, 10 * place + user) for user in range(4) for place in range(8)]
    return import_file(put(folder, "x.csv", csv_of(rows)))


@pytest.mark.parametrize("make, kind, known_items", [
    (lambda folder: by_time(timed(folder), (0.5, 0.8)).data, SplitKind.IN_TIME, True),
    (lambda folder: by_time(timed(folder), (0.5, 0.8), known_items=False).data, SplitKind.IN_TIME, False),
    (lambda folder: import_file(put(folder, "x.csv", csv_of([("u", item, 1, item) for item in range(5)])),
                                split=SplitRule("last-n", n=2)), SplitKind.LAST_N, False),
    (lambda folder: hops(users=30), SplitKind.BY_USERS, False)])
def test_the_kind_of_a_split_and_its_promise_come_back(tmp_path, make, kind, known_items):
    data = make(tmp_path)
    assert (data.given.kind, data.given.known_items) == (kind, known_items)
    loaded = load_directory(save(data, tmp_path / "d"))
    assert (loaded.given.kind, loaded.given.known_items, loaded.given.rule) == (kind, known_items, data.given.rule)
    assert loaded.sha256 == content_sha256(data) and histories(loaded) == histories(data)


def without_a_kind(folder, rule):
    """Turn the folder into the form from before splits had kinds."""
    path = unsealed(folder) / "dataset.toml"
    text = re.sub("^(split_kind|known_items) = .*\n", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(re.sub("^split = .*$", f'split = "{rule}"', text, flags=re.MULTILINE))


@pytest.mark.parametrize("rule, kind, known_items", [
    ("cut in time at 33 and 60", SplitKind.IN_TIME, False),
    ("published cut in time, rows with a history", SplitKind.IN_TIME, True),
    ("each user's last 2 items", SplitKind.LAST_N, False),
    ("by users: 8 of 10 train, 1 of 10 validate, 1 of 10 test; pointers and first stations are no targets",
     SplitKind.BY_USERS, False),
    ("by the moon", SplitKind.CUSTOM, False)])
def test_folders_from_before_kinds_open(tmp_path, rule, kind, known_items):
    folder = save(by_time(timed(tmp_path), (0.5, 0.8)).data, tmp_path / "d")
    without_a_kind(folder, rule)
    assert "split_kind" not in read_description(folder)
    loaded = load_directory(folder)
    assert (loaded.given.kind, loaded.given.known_items, loaded.given.rule) == (kind, known_items, rule)


@pytest.mark.parametrize("old, new, message", [
    ('"in-time"', '"by-moon"', "dataset.toml: unknown split_kind 'by-moon'"),
    ("known_items = true", "known_items = 1", "dataset.toml: known_items is missing or not of type bool")])
def test_a_damaged_kind_is_found(tmp_path, old, new, message):
    folder = save(by_time(timed(tmp_path), (0.5, 0.8)).data, tmp_path / "d")
    change(folder, old, new)
    with pytest.raises(DataError, match=message):
        load_directory(folder)
