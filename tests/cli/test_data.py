"""minirearec data: every subcommand, every way a fetch ends, and one message for what cannot be done."""

import hashlib
import json
import time
from dataclasses import replace

import pytest

from minirearec.data import card, cards, load
from minirearec.data.catalogue import download
from minirearec.data.catalogue import loading as catalogue
from minirearec.data.catalogue.download import download as real_download
from minirearec_cli.commands import data as module

SUBCOMMANDS = ("list", "info", "fetch", "stats", "import", "export", "verify")
BODY = b"".join(b"%d 5 6 7 8\n" % user for user in range(1, 20001))
CSV = "user_id,item_id,rating,timestamp,title\n" + "".join(
    f"u{user},i{(user + place) % 6},{3 + (user + place) % 3},{100 * place + user},Item {(user + place) % 6}\n"
    for user in range(12) for place in range(8))


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def imported(ratings, minirearec):
    assert minirearec("data", "import", ratings, "--out", ratings.parent / "mine").exit_code == 0
    return ratings.parent / "mine"


def test_the_group_lists_its_commands_and_knows_no_others(minirearec):
    lines = minirearec("data", "--help").stdout.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(SUBCOMMANDS)
    for name in SUBCOMMANDS:
        assert f"Examples:\n  minirearec data {name}" in minirearec("data", name, "--help").stdout
    assert minirearec("data", "fetsch").exit_code == 2


def test_choices_are_those_of_the_library():
    from minirearec.data.files import exporting, importing
    from minirearec.data.splits import in_time as timesplit

    assert (module.FORMATS, module.SPLITS, module.WAYS) == (exporting.EXPORTS, importing.SPLITS, timesplit.WAYS)


def test_list(minirearec, tmp_path):
    text = minirearec("data", "list").stdout
    for name, found in cards().items():
        assert f" {name} " in text and f"{found.interactions:,}" in text
    assert "needs" in text and "generated when asked for" in text and max(map(len, text.splitlines()[:-1])) <= 80
    shown = json.loads(minirearec("data", "list", "--data-dir", tmp_path, "--json").stdout)
    assert list(shown["datasets"]) == list(cards()) and shown["data_folders"][0] == str(tmp_path)
    assert shown["datasets"]["video-games"]["parts"][0]["filename"] == "Video_Games.train.csv.gz"


@pytest.mark.parametrize("name", sorted(cards()))
def test_info(name, minirearec):
    found = card(name)
    text = " ".join(minirearec("data", "info", name).stdout.split())
    assert found.title in text and f"{found.users:,} users" in text and found.licence.split()[0] in text
    shown = json.loads(minirearec("data", "info", name, "--json").stdout)
    assert (shown["name"], shown["users"], shown["by_hand"]) == (name, found.users, found.by_hand)


def test_import_says_what_every_step_left(minirearec, ratings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = minirearec("data", "import", ratings, "--above", 3, "--core", 4, "--duplicates", "first")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.splitlines()[0] == "read: 12 users, 6 items, 96 interactions"
    assert result.stderr.splitlines()[1].startswith("ratings above 3: 12 users, 4 items, ")
    assert result.stdout == "Imported ratings\nNext: minirearec train --dataset ./ratings\n"
    data = load("ratings")
    assert data.n_items == 4 and set(data.titles) == {"Item 1", "Item 2", "Item 4", "Item 5"}


def test_import_json_and_split(minirearec, ratings, tmp_path):
    result = minirearec("data", "import", ratings, "--out", tmp_path / "cut", "--name", "mine", "--split", "time", "--cuts",
                        "0.5,0.8", "--row-history", 2, "--json")
    shown = json.loads(result.stdout)
    assert shown["name"] == "mine" and shown["steps"][0]["what"] == "read"
    data = load(tmp_path / "cut")
    assert shown["sha256"] == data.sha256 and data.given.rule.startswith("cut in time at ")
    by_date = minirearec("data", "import", ratings, "--out", tmp_path / "dates", "--split", "time", "--cuts", "400,600")
    assert by_date.exit_code == 0 and "cut in time at 400 and 600" in by_date.stderr
    last = minirearec("data", "import", ratings, "--out", tmp_path / "last", "--split", "last-n", "--last-n", 2)
    assert "each user's last 2 items" in last.stderr


def test_import_of_a_file_without_names(minirearec, tmp_path):
    path = tmp_path / "u.data"
    path.write_text("1\t7\t5\t100\n1\t8\t5\t50\n1\t9\t4\t70\n")
    result = minirearec("data", "import", path, "--format", "tsv", "--columns", "user,item,rating,time", "--out", tmp_path / "u")
    assert result.exit_code == 0, result.stderr
    assert load(tmp_path / "u").item_ids[load(tmp_path / "u").history(0)].tolist() == [8, 9, 7]


def test_imported_data_train_and_recommend_with_titles(minirearec, imported, small, tmp_path):
    result = minirearec("train", "--dataset", imported, "--epochs", 1, "--out", tmp_path / "run", "--quiet", *small)
    assert result.exit_code == 0, result.stderr
    text = minirearec("recommend", tmp_path / "run", "--user", "u3", "-k", 2)
    assert text.exit_code == 0, text.stderr
    assert "Titles" in text.stdout and "Item 2" in text.stdout
    by_history = minirearec("recommend", tmp_path / "run", "--history", "i1,i2", "-k", 2, "--json")
    assert json.loads(by_history.stdout)["history"] == ["i1", "i2"]


def test_stats(minirearec, imported):
    text = minirearec("data", "stats", imported).stdout
    assert "12 users, 6 items, 96 interactions" in text and "Items in a history: 8 to 8" in text
    assert "8-15  12 users  █" in text and "Titles" in text and max(map(len, text.splitlines())) <= 80
    shown = json.loads(minirearec("data", "stats", imported, "--json").stdout)
    assert shown["sparsity"] == 0 and shown["repeats"] == pytest.approx(24 / 96) and shown["tied_timestamps"] == 0
    assert shown["lengths"]["histogram"] == [{"low": 8, "high": 15, "count": 12}]
    assert shown["popularity"]["histogram"] == [{"low": 16, "high": 31, "count": 6}]
    assert shown["split"] == {"rule": "leave-one-out", "train": 72, "valid": 12, "test": 12}


def test_stats_of_histories_of_all_lengths(minirearec, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("1 1 2 3\n2 1 2 3 4 1\n3 1 2 9 4 5 6 7 8\n")
    shown = json.loads(minirearec("data", "stats", path, "--json").stdout)
    assert [(row["low"], row["high"], row["count"]) for row in shown["lengths"]["histogram"]] == [(2, 3, 1), (4, 7, 1), (8, 15, 1)]
    assert [row["count"] for row in shown["popularity"]["histogram"]] == [5, 3, 1]  # 1: 5 6 7 8 9; 2-3: 2 3 4; 4: 1
    assert shown["tied_timestamps"] is None and shown["popularity"]["top_1_percent"] == 4 / 16
    assert "Ties" in minirearec("data", "stats", path).stdout


def test_stats_of_synthetic_data_say_so(minirearec):
    assert "beauty-sim (SYNTHETIC DATA)" in minirearec("data", "stats", "beauty-sim").stdout
    sums = {json.loads(minirearec("data", "stats", "beauty-sim", "--seed", seed, "--json").stdout)["sha256"] for seed in (0, 1)}
    assert len(sums) == 2


@pytest.mark.parametrize("name", ["out.csv.gz", "out.tsv", "out.jsonl", "out.inter"])
def test_export_and_import_again(name, minirearec, imported, tmp_path):
    result = minirearec("data", "export", imported, "--out", tmp_path / name)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / name}\n")
    assert minirearec("data", "import", tmp_path / name, "--out", tmp_path / "again").exit_code == 0
    assert load(tmp_path / "again").sha256 == load(imported).sha256
    assert load(tmp_path / "again").titles.tolist() == load(imported).titles.tolist()


def test_verify(minirearec, imported, tmp_path):
    text = minirearec("data", "verify", imported).stdout
    assert text.count("right: ") == 2 and "content that was saved" in text and "no target" in text
    shown = json.loads(minirearec("data", "verify", imported, "--json").stdout)
    assert [f"right: {line}" for line in shown["right"]] == text.splitlines()


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
    import numpy as np

    array = np.load(imported / "items.npy")
    np.save(imported / "items.npy", array[::-1])
    refused(minirearec("data", "verify", imported), "does not have the sha256 that was recorded")


@pytest.mark.parametrize("words, fragments", [
    (["info", "beuty"], ["unknown data set 'beuty'", "Did you mean beauty?"]),
    (["fetch", "nothing"], ["unknown data set 'nothing'"]),
    (["fetch", "toys"], ["toys: could not be downloaded"]),
    (["fetch", "yelp"], ["yelp_academic_dataset_review.json not in", "agree to its terms"]),
    (["stats", "none.txt"], ["none.txt: no such file"]),
    (["stats", "ratings.csv"], ["a table has to be imported before it is used", "minirearec data import ratings.csv"]),
    (["stats", "toys", "--offline"], ["downloading is off"]),
    (["verify", "toys"], ["downloading is off"]),
    (["verify", "beauty"], ["downloading is off"]),
    (["verify", "beauty-sim"], ["the counts are not those of its card", "50 users and not 22,363"]),
    (["verify", "none"], ["unknown data set 'none'"]),
    (["import", "none.csv"], ["none.csv: no such file"]),
    (["import", "ratings.csv", "--above", "9"], ["no interactions are left"]),
    (["import", "ratings.csv", "--user-column", "who"], ["no column 'who'"]),
    (["import", "ratings.csv", "--columns", "user,item"], ["ratings.csv:1: 5 values in 2 columns"]),
    (["import", "ratings.csv", "--out", "ratings.csv"], ["there is something here already"]),
    (["import", "ratings.csv", "--core", "-1"], ["--core"]),
    (["import", "ratings.csv", "--split", "time", "--cuts", "0.8"], ["1 cuts"]),
    (["import", "ratings.csv", "--split", "time", "--cuts", "a,b"], ["'a' is neither a number nor a date"]),
    (["import", "bad.csv"], ["bad.csv:3: the rating 'x' is not a finite number"]),
    (["import", "bad.xyz"], ["the name does not say which format", "--format"]),
    (["export", "ratings.csv", "--out", "x.csv"], ["has to be imported"]),
    (["export", "beauty-sim", "--out", "ratings.csv"], ["there is something here already"]),
    (["export", "beauty-sim", "--out", "x.parquet"], ["the name does not say which format"]),
])
def test_bad_words(words, fragments, minirearec, ratings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.csv").write_text("user,item,rating\nu,a,5\nu,b,x\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = minirearec("data", *words)
    assert result.exit_code == 2 and result.stderr.count("Error: ") == 1 and "Traceback" not in result.stderr
    assert not result.stdout
    for fragment in fragments:
        assert fragment in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing was begun"


# --- Fetching from a local server ----------------------------------------------------------------------------

@pytest.fixture
def shop(monkeypatch, server):
    """Sports and toys come from a local server; the answers are set by each test."""
    monkeypatch.setattr(catalogue, "download", real_download)
    monkeypatch.setattr(download, "RETRY_SECONDS", 0)

    def sell(*answers):
        urls = tuple(server.url(f"/{number}", *answer) for number, answer in enumerate(answers))
        chosen = replace(card("sports"), urls=urls, sha256=hashlib.sha256(BODY).hexdigest())
        monkeypatch.setattr(catalogue, "card", lambda name: chosen if name == "sports" else card(name))

    return sell


OK, CUT, NOT_FOUND, WRONG = (200, BODY, None), (200, BODY[:70000], len(BODY)), (404, b"", None), (200, b"no", None)


@pytest.mark.parametrize("answers", [[[OK]], [[NOT_FOUND], [OK]], [[CUT, OK]], [[WRONG, WRONG], [OK]]],
                         ids=["at once", "404, then the mirror", "cut, then again", "wrong bytes, then the mirror"])
def test_fetch_succeeds(answers, shop, minirearec, tmp_path):
    shop(*answers)
    result = minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here")
    path = tmp_path / "here" / "Sports_and_Outdoors.txt"
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert f"Data folder: {tmp_path / 'here'}" in result.stderr and "downloading 268.9 kB" in result.stderr
    assert path.read_bytes() == BODY and [found.name for found in path.parent.iterdir()] == [path.name]
    again = minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here")
    assert (again.stdout, again.stderr) == (f"{path}\n", "")


def test_fetch_shows_the_cache(shop, minirearec, tmp_path):
    shop([OK])
    result = minirearec("data", "fetch", "sports")
    assert f"Data folder: {tmp_path / 'cache'}" in result.stderr
    assert minirearec("data", "fetch", "sports", "--quiet").stderr == ""


@pytest.mark.parametrize("answers, reason", [([[NOT_FOUND], [NOT_FOUND]], "HTTP 404"), ([[CUT]], "connection lost"),
                                             ([[WRONG]], "wrong bytes")])
def test_fetch_fails_and_nothing_has_the_final_name(answers, reason, shop, minirearec, refused, tmp_path):
    shop(*answers)
    refused(minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here"), reason, "By hand", "/0: ")
    assert not (tmp_path / "here" / card("sports").filename).exists()


def test_offline(monkeypatch, closed_url, minirearec, refused, tmp_path):
    monkeypatch.setattr(catalogue, "download", real_download)
    monkeypatch.setattr(catalogue, "card", lambda name: replace(card(name), urls=(closed_url,)))
    refused(minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here"), "cannot connect", "By hand")


def test_a_slow_server_moves_the_bar(shop, server, minirearec, tmp_path, monkeypatch):
    """Progress arrives while the transfer goes on, in the sizes that the server sends."""
    from minirearec_cli import downloads

    moves = []

    class Watched(downloads.DownloadBar):
        def update(self, count):
            moves.append((time.monotonic(), count))
            super().update(count)

    monkeypatch.setattr(downloads, "DownloadBar", Watched)
    shop([OK])
    server.pace = (65536, 0.05)
    began = time.monotonic()
    assert minirearec("data", "fetch", "sports", "--data-dir", tmp_path / "here").exit_code == 0
    moved = [moment - began for moment, _ in moves]
    assert sum(count for _, count in moves) >= len(BODY)
    assert len(moved) >= 4 and moved[-1] - moved[0] >= 0.1, "not all at the end"
