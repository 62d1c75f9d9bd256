"""minirearec data list."""

import json

from minirearec.data import cards


def test_list(minirearec, tmp_path):
    text = minirearec("data", "list").stdout
    for name, found in cards().items():
        assert f" {name} " in text and f"{found.interactions:,}" in text
    assert "needs" in text and "generated on demand" in text and max(map(len, text.splitlines()[:-1])) <= 80
    shown = json.loads(minirearec("data", "list", "--data-dir", tmp_path, "--json").stdout)
    assert list(shown["datasets"]) == list(cards()) and shown["data_folders"][0] == str(tmp_path)
    assert shown["datasets"]["video-games"]["parts"][0]["filename"] == "Video_Games.train.csv.gz"


def test_a_set_of_another_release_is_shown_with_its_own_counts(minirearec, ratings, tmp_path):
    folder = tmp_path / "here"
    named = ("--name", "ml-100k-other-version", "--out", folder / "ml-100k")
    assert minirearec("data", "import", ratings, *named).exit_code == 0
    shown = json.loads(minirearec("data", "list", "--data-dir", folder, "--json").stdout)["datasets"]["ml-100k"]
    assert (shown["users"], shown["items"], shown["interactions"]) == (12, 6, 96)
    table = minirearec("data", "list", "--data-dir", folder, env={"COLUMNS": "120"}).stdout
    row = next(line for line in table.splitlines() if line.startswith(" ml-100k "))
    assert row.split() == ["ml-100k", "12", "6", "96", "found,", "prepared,", "of", "another", "release"]
