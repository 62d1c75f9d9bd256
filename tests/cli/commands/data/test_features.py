"""minirearec data features."""

import json

import numpy as np
import pytest

from minirearec.data import load


def test_features_of_titles_are_found_again(minirearec, imported):
    result = minirearec("data", "features", imported)
    assert (result.exit_code, result.stdout) == (0, f"{imported}.features\n")
    assert result.stderr == "mine: 6 wide, TF-IDF of title, 13 terms; 0 of 6 items lack them\n"
    features = load(imported).features
    assert features.values.shape == (6, 6) and features.origin == "TF-IDF of title, 13 terms"


def test_as_json(minirearec, imported):
    shown = json.loads(minirearec("data", "features", imported, "--width", 2, "--seed", 3, "--json").stdout)
    assert (shown["data"], shown["items"], shown["width"], shown["missing"]) == ("mine", 6, 2, 0)
    assert shown["settings"] == {"source": "all", "width": 2, "seed": 3}
    assert shown["sha256"] == load(imported).features.sha256 and shown["path"] == f"{imported}.features"


def test_nothing_is_replaced_unasked(minirearec, imported, refused):
    assert minirearec("data", "features", imported).exit_code == 0
    refused(minirearec("data", "features", imported, "--width", 2), "there are features here already", "--replace")
    assert load(imported).features.width == 6
    assert minirearec("data", "features", imported, "--width", 2, "--replace").exit_code == 0
    assert load(imported).features.width == 2


def test_a_file_and_a_folder_of_ones_own(minirearec, imported, tmp_path):
    np.save(tmp_path / "x.npy", np.eye(6))
    result = minirearec("data", "features", imported, "--from", tmp_path / "x.npy", "--out", tmp_path / "kept")
    assert result.stdout == f"{tmp_path / 'kept' / 'mine.features'}\n"
    assert load(imported).features is None
    assert (load(imported, tmp_path / "kept").features.values == np.eye(6)).all()


def test_a_named_set_in_a_folder_that_is_read_only(minirearec, shared_data, tmp_path):
    if shared_data.stat().st_mode & 0o222:
        pytest.skip("the folder of the real data can be written")
    attributes = shared_data / "Beauty_item2attributes.json"
    result = minirearec("data", "features", "beauty", "--data-dir", shared_data, "--from", attributes, "--width", 8)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'cache' / 'beauty.features'}\n"), result.stderr
    assert "8 wide" in result.stderr and "0 of 12,101 items lack them" in result.stderr


@pytest.mark.parametrize("values, message", [
    (np.ones((5, 2)), "has 5 rows for 6 items"), (np.full((6, 2), np.inf), "row 0 holds NaN, infinity"),
    (np.zeros((6, 2)), "is zero everywhere"), (np.array([{}] * 6), "is not readable as an array of numbers")])
def test_files_that_do_not_fit(minirearec, imported, refused, tmp_path, values, message):
    np.save(tmp_path / "x.npy", values)
    refused(minirearec("data", "features", imported, "--from", tmp_path / "x.npy"), "x.npy", message)
    assert not (tmp_path / "mine.features").exists()
