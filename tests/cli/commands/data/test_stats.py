"""minirearec data stats."""

import json

import pytest


def test_stats(minirearec, imported):
    text = minirearec("data", "stats", imported).stdout
    assert "12 users, 6 items, 96 interactions" in text and "Items in a history: 8 to 8" in text
    assert "8-15  12 users  █" in text and "Titles" in text and max(map(len, text.splitlines())) <= 80
    shown = json.loads(minirearec("data", "stats", imported, "--json").stdout)
    assert shown["sparsity"] == 0 and shown["repeats"] == pytest.approx(24 / 96) and shown["tied_timestamps"] == 0
    assert shown["lengths"]["histogram"] == [{"low": 8, "high": 15, "count": 12}]
    assert shown["popularity"]["histogram"] == [{"low": 16, "high": 31, "count": 6}]
    assert shown["split"] == {"rule": "leave-one-out", "train": 72, "valid": 12, "test": 12}


def test_stats_tell_texts_and_features(minirearec, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("user,item,brand\n" + "".join(f"u,i{place},{'Ace' * (place > 0)}\n" for place in range(3)))
    assert minirearec("data", "import", path, "--out", tmp_path / "x").exit_code == 0
    assert minirearec("data", "features", tmp_path / "x").exit_code == 0
    text = minirearec("data", "stats", tmp_path / "x").stdout
    assert "Texts     brand 2 of 3 items" in text
    assert "Features  1 wide, TF-IDF of brand, 1 terms; 1 of 3 items lack them" in text
    shown = json.loads(minirearec("data", "stats", tmp_path / "x", "--json").stdout)
    assert shown["texts"] == {"brand": 2} and (shown["features"]["width"], shown["features"]["missing"]) == (1, 1)
    (tmp_path / "x.features" / "features.toml").write_text("x")
    assert "not TOML" in minirearec("data", "stats", tmp_path / "x").stdout


def test_stats_of_histories_of_all_lengths(minirearec, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("1 1 2 3\n2 1 2 3 4 1\n3 1 2 9 4 5 6 7 8\n")
    shown = json.loads(minirearec("data", "stats", path, "--json").stdout)
    bins = [(row["low"], row["high"], row["count"]) for row in shown["lengths"]["histogram"]]
    assert bins == [(2, 3, 1), (4, 7, 1), (8, 15, 1)]
    assert [row["count"] for row in shown["popularity"]["histogram"]] == [5, 3, 1]  # 1: 5 6 7 8 9; 2-3: 2 3 4; 4: 1
    assert shown["tied_timestamps"] is None and shown["popularity"]["top_1_percent"] == 4 / 16
    assert "Ties" in minirearec("data", "stats", path).stdout


def test_stats_of_synthetic_data_say_so(minirearec):
    assert "beauty-sim (SYNTHETIC DATA)" in minirearec("data", "stats", "beauty-sim").stdout
    sums = {json.loads(minirearec("data", "stats", "beauty-sim", "--seed", seed, "--json").stdout)["sha256"]
            for seed in (0, 1)}
    assert len(sums) == 2


def test_a_negative_seed_is_refused(minirearec, refused):
    refused(minirearec("data", "stats", "hops", "--seed", -1), "--seed", "-1 is not in the range")
