"""minirearec info."""

import json

from minirearec.data import cards
from minirearec_cli.views import datasets


def test_facts(minirearec, tmp_path, monkeypatch):
    monkeypatch.setenv("MINIREAREC_DATA", str(tmp_path / "variable"))
    (tmp_path / "LastFM.txt").write_text("1 2 3 4\n")
    shown = json.loads(minirearec("info", "--data-dir", tmp_path, "--json").stdout)
    assert shown["data_folders"] == [str(tmp_path), str(tmp_path / "variable"), str(tmp_path / "cache")]
    assert shown["cache"] == str(tmp_path / "cache")
    assert shown["devices"][0] == "cpu" and shown["cores"] >= 1
    assert {"python", "minirearec", "torch", "numpy", "rich"} <= set(shown["versions"])
    assert set(shown["datasets"]) == set(cards())
    assert shown["datasets"]["beauty"]["state"].startswith("not here")
    assert shown["datasets"]["beauty-sim"]["state"] == "generated on demand"
    assert shown["datasets"]["lastfm"] | {"state": "found, with a wrong sha256", "bytes": 8,
                                          "path": str(tmp_path / "LastFM.txt")} == shown["datasets"]["lastfm"]


def test_the_real_file_is_recognised(minirearec, beauty_file):
    shown = json.loads(minirearec("info", "--data-dir", beauty_file.parent, "--json").stdout)
    assert shown["datasets"]["beauty"]["state"] == "found"


def test_a_folder_that_cannot_be_looked_into_is_told(minirearec, monkeypatch):
    from minirearec.errors import DataError

    def closed(*_):
        raise DataError("cannot be looked into: Permission denied", "/closed", "Check its permissions.")

    monkeypatch.setattr(datasets, "state", closed)
    result = minirearec("info", "--json")
    assert result.exit_code == 0
    assert "Permission denied" in json.loads(result.stdout)["datasets"]["beauty"]["state"]


def test_the_table(minirearec):
    text = minirearec("info").stdout
    for name, card in cards().items():
        assert f" {name} " in text and f"{card.interactions:,}" in text
    assert max(map(len, text.splitlines())) <= 80
