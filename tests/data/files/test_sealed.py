"""The seal: what is damaged, missing or something else than a file is refused, and nothing else is ever read."""

import os
import re

import pytest

from minirearec.data.files.folder import load_directory, read_description, save
from minirearec.errors import DataError
from tests.benchmarks.flips import CHANGED, REFUSED, flip_dataset, make_dataset
from tests.data.files.examples import small, unsealed


def test_flipped_bytes_are_refused(tmp_path):
    folder = make_dataset(tmp_path)
    found = flip_dataset(folder, 60, seed=0)
    assert {name for name, _ in found} == {path.name for path in folder.iterdir()}
    assert not any(outcome == CHANGED for _, outcome in found)
    assert sum(times for (_, outcome), times in found.items() if outcome == REFUSED) >= 58


def test_every_byte_of_the_description_matters(tmp_path):
    folder = save(small(tmp_path), tmp_path / "d")
    path = folder / "dataset.toml"
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        with pytest.raises(DataError, match=r"dataset\.toml: "):
            read_description(folder)


def replaced(folder, name, how):
    """Put something else in the place of a file."""
    path = folder / name
    path.rename(folder / "elsewhere")
    how(path)


THINGS = {"a link": (lambda path: path.symlink_to("elsewhere"), "is a link"),
          "a pipe": (os.mkfifo, "is not a plain file"),
          "a device": (lambda path: path.symlink_to("/dev/zero"), "is a link"),
          "a folder": (lambda path: path.mkdir(), "is not a plain file"),
          "nothing": (lambda path: None, "is missing")}


@pytest.mark.parametrize("seal", [True, False])
@pytest.mark.parametrize("name", ["items.npy", "timestamps.npy", "item_ids.txt", "dataset.toml"])
@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_plain_file_is_refused(tmp_path, thing, name, seal):
    folder = save(small(tmp_path), tmp_path / "d")
    folder = folder if seal else unsealed(folder)
    how, message = THINGS[thing]
    replaced(folder, name, how)
    if (seal, name, thing) == (False, "timestamps.npy", "nothing"):
        message = "the content does not have the sha256"  # a data set of an earlier version may have none
    with pytest.raises(DataError, match=re.escape(message)):
        load_directory(folder)


def test_the_text_of_another_file_is_not_quoted(tmp_path):
    folder = unsealed(save(small(tmp_path), tmp_path / "d"))
    (folder / "items.npy").write_text("secret:secret:19000:0:99999:7:::\n")
    with pytest.raises(DataError, match="items.npy: not readable as an array") as caught:
        load_directory(folder)
    assert "secret" not in str(caught.value)


def test_files_that_the_description_does_not_list_are_not_read(tmp_path):
    folder = save(small(tmp_path), tmp_path / "d")
    (folder / "titles.txt").write_text("forged\n" * 3)
    os.mkfifo(folder / "split_test_user.npy")
    (folder / "notes").mkdir()
    loaded = load_directory(folder)
    assert loaded.titles is None and loaded.given is None


def test_a_folder_without_its_seal_is_refused(tmp_path):
    folder = save(small(tmp_path), tmp_path / "d")
    path = folder / "dataset.toml"
    path.write_bytes(path.read_bytes().partition(b"\n")[2])
    with pytest.raises(DataError, match="dataset.toml: is not as it was written"):
        load_directory(folder)
