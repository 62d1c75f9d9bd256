"""minirearec data verify."""

import json

import numpy as np
import pytest

from minirearec.data import card


def test_verify(minirearec, imported, tmp_path):
    text = minirearec("data", "verify", imported).stdout
    assert text.count("ok: ") == 2 and "content that was saved" in text and "no target" in text
    shown = json.loads(minirearec("data", "verify", imported, "--json").stdout)
    assert [f"ok: {line}" for line in shown["right"]] == text.splitlines()


def test_verify_of_a_cut_in_time_checks_the_times(minirearec, ratings, tmp_path):
    minirearec("data", "import", ratings, "--out", tmp_path / "cut", "--split", "time")
    text = minirearec("data", "verify", tmp_path / "cut").stdout
    assert "nothing that trains is later than a target" in text and "known to training" in text


@pytest.mark.parametrize("name", ["markov", "hops"])
def test_verify_of_synthetic_sets(minirearec, name):
    result = minirearec("data", "verify", name)
    assert result.exit_code == 0 and f"{card(name).interactions:,} interactions" in result.stdout


def test_verify_of_the_real_file(minirearec, beauty_file):
    text = minirearec("data", "verify", "beauty", "--data-dir", beauty_file.parent).stdout
    assert "Beauty.txt has the sha256 of its card" in text and "198,502 interactions" in text


def test_verify_finds_changed_content(minirearec, refused, imported):
    array = np.load(imported / "items.npy")
    np.save(imported / "items.npy", array[::-1])
    refused(minirearec("data", "verify", imported), "does not have the sha256 that was recorded")
