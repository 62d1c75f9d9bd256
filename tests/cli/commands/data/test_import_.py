"""minirearec data import."""

import json

import pytest

from minirearec.data import load
from minirearec.data.files import columns, exporting, importing
from minirearec.data.splits import in_time
from minirearec_cli.commands.data import FORMATS, import_
from tests.data.files.examples import csv_of, put, texts_of


def test_choices_are_those_of_the_library():
    assert (FORMATS, import_.SPLITS, import_.WAYS) == (exporting.EXPORTS, importing.SPLITS, in_time.WAYS)
    assert import_.COLUMNS == columns.ROLES


def test_import_says_what_every_step_left(minirearec, ratings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = minirearec("data", "import", ratings, "--above", 3, "--core", 4, "--duplicates", "first")
    assert result.exit_code == 0, result.stderr
    columns, read, above = result.stderr.splitlines()[:3]
    assert columns.startswith("columns: user = ") and ", time = " in columns
    assert read == "read: 12 users, 6 items, 96 interactions"
    assert above.startswith("ratings above 3: 12 users, 4 items, ")
    assert result.stdout == "Imported ratings, split: leave-one-out\nNext: minirearec train --dataset ./ratings\n"
    data = load("ratings")
    assert data.n_items == 4 and set(data.titles) == {"Item 1", "Item 2", "Item 4", "Item 5"}


@pytest.mark.parametrize("name", ["purchased_at", "Order Date", "eventTime", "ts", "created_at"])
def test_a_shuffled_file_is_ordered_by_the_usual_names_of_the_time(name, minirearec, tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(f"customer_id,product_id,{name},price\n" + "".join(f"u,i{day},{day},9\n" for day in (3, 1, 4, 2)))
    result = minirearec("data", "import", path, "--out", tmp_path / "shop", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["columns"]["time"] == name and "No time" not in result.stderr
    data = load(tmp_path / "shop")
    assert data.item_ids[data.history(0)].tolist() == ["i1", "i2", "i3", "i4"]


def test_a_file_without_a_time_is_imported_with_a_warning(minirearec, tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("user,item,moment\n" + "".join(f"u,i{day},{day}\n" for day in (3, 1, 4, 2)))
    result = minirearec("data", "import", path, "--out", tmp_path / "shop")
    assert result.exit_code == 0
    told = " ".join(result.stderr.replace("│", " ").split())
    assert "columns: user = user, item = item; not used: moment" in told
    assert "the order of the rows in the file is taken as the order of events" in told
    assert "last rows become the test targets" in told and "name it with --time-column" in told


def test_import_json_and_split(minirearec, ratings, tmp_path):
    result = minirearec("data", "import", ratings, "--out", tmp_path / "cut", "--name", "mine", "--split", "time",
                        "--cuts", "0.5,0.8", "--row-history", 2, "--json")
    shown = json.loads(result.stdout)
    assert shown["name"] == "mine" and shown["steps"][0]["what"] == "read"
    data = load(tmp_path / "cut")
    assert shown["sha256"] == data.sha256 and data.given.rule.startswith("cut in time at ")
    by_date = minirearec("data", "import", ratings, "--out", tmp_path / "dates", "--split", "time", "--cuts", "400,600")
    assert by_date.exit_code == 0 and "cut in time at 400 and 600" in by_date.stderr
    last = minirearec("data", "import", ratings, "--out", tmp_path / "last", "--split", "last-n", "--last-n", 2)
    assert "each user's last 2 items" in last.stderr


def test_import_of_texts(minirearec, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("user,item,maker,genres,price\n" + "".join(f"u,i{place},Ace,a|b,{place}\n" for place in range(3)))
    words = "--brand-column", "maker", "--price-column", "-", "--out", tmp_path / "x"
    result = minirearec("data", "import", path, *words)
    assert result.exit_code == 0, result.stderr
    assert texts_of(load(tmp_path / "x")) == {"brand": ["Ace"] * 3, "categories": ["a|b"] * 3}


def test_import_of_a_file_without_names(minirearec, tmp_path):
    path = tmp_path / "u.data"
    path.write_text("1\t7\t5\t100\n1\t8\t5\t50\n1\t9\t4\t70\n")
    result = minirearec("data", "import", path, "--format", "tsv", "--columns", "user,item,rating,time",
                        "--out", tmp_path / "u")
    assert result.exit_code == 0, result.stderr
    assert load(tmp_path / "u").item_ids[load(tmp_path / "u").history(0)].tolist() == [8, 9, 7]


def test_imported_data_train_and_recommend_with_titles(minirearec, imported, small, tmp_path):
    result = minirearec("train", "--dataset", imported, "--epochs", 1, "--out", tmp_path / "run", "--quiet", *small)
    assert result.exit_code == 0, result.stderr
    text = minirearec("recommend", tmp_path / "run", "--user", "u3", "-k", 2)
    assert text.exit_code == 0, text.stderr
    assert "title" in text.stdout and "Item 2" in text.stdout
    by_history = minirearec("recommend", tmp_path / "run", "--history", "i1,i2", "-k", 2, "--json")
    assert json.loads(by_history.stdout)["history"] == ["i1", "i2"]


def test_changed_data_are_neither_evaluated_nor_used(imported, tmp_path, minirearec, refused):
    run = tmp_path / "run"
    assert minirearec("train", "--dataset", imported, "--method", "counts", "--out", run, "--quiet").exit_code == 0
    path = imported / "items.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-4] + content[-8:-4])
    for words in (("evaluate", run), ("recommend", run, "--user", "u1"), ("data", "stats", imported),
                  ("data", "verify", imported), ("train", "--dataset", imported, "--out", tmp_path / "new")):
        refused(minirearec(*words), f"{path}: ", "does not have the sha256 that was recorded for it")
    assert not (tmp_path / "new").exists()
    path.write_bytes(content)
    assert minirearec("evaluate", run).exit_code == 0


@pytest.mark.parametrize("options, rule", [
    (("--row-history", 2), {"row_history": 2}), (("--unknown-items",), {"known_items": False})])
def test_a_cut_in_time_has_the_rule_of_the_options(options, rule, minirearec, tmp_path):
    path = put(tmp_path, "x.csv", csv_of([(user, place % 4 + place // 7, 5, 10 * place + user) for user in range(4)
                                          for place in range(8)]))
    words = ("data", "import", path, "--split", "time", "--cuts", "0.5,0.8", "--json", "--out")
    plain, other = (json.loads(minirearec(*words, tmp_path / name, *more).stdout)["sha256"]
                    for name, more in (("plain", ()), ("other", options)))
    expected = importing.import_file(path, split=importing.SplitRule("time", (0.5, 0.8), **rule))
    assert other == expected.sha256 != plain


def test_histories_that_no_command_can_use_are_refused(minirearec, refused, tmp_path):
    path = put(tmp_path, "x.txt", "1 5 6 7 8\n2 6 7\n")
    refused(minirearec("data", "import", path, "--min-history", 2, "--out", tmp_path / "made"),
            "user 2 has 2 items", "Leave-one-out needs at least 3")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("options, problem", [
    (("--cuts", "0.5,0.8"), "--cuts has no effect without --split time. Add it, or leave --cuts out"),
    (("--unknown-items",), "--unknown-items has no effect without --split time"),
    (("--split", "time", "--last-n", 2), "--last-n has no effect without --split last-n"),
    (("--tie-seed", 3), "--tie-seed has no effect without --ties shuffle")])
def test_options_without_effect_are_refused(options, problem, minirearec, ratings, refused, tmp_path):
    refused(minirearec("data", "import", ratings, *options, "--out", tmp_path / "made"), problem)
    assert not (tmp_path / "made").exists()
