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
