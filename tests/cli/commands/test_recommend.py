"""minirearec recommend: the lists of the library, step by step side by side."""

import json
import re
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from minirearec.recommender import Recommender
from minirearec_cli.main import cli


@pytest.fixture
def model(finished):
    return Recommender.load(finished, backend="numpy")


@pytest.mark.parametrize("more, backend", [
    ((), "numpy"), (("--backend", "torch"), "torch"), (("--device", "cpu"), None), (("--plugin", "empty.py"), None),
    (("--histories", "lines.txt", "--out", "lists.csv"), None)])
def test_one_list_comes_from_numpy_unless_a_choice_needs_pytorch(finished, minirearec, tmp_path, monkeypatch, more,
                                                                 backend):
    """None is the backend of the run. A plugin may have no NumPy twin."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.py").touch()
    (tmp_path / "lines.txt").write_text("1 12 7\n")
    load, asked = Recommender.load, []
    monkeypatch.setattr(Recommender, "load", lambda run, data_dir, device, backend, bar: (
        asked.append(backend), load(run, data_dir, device, backend, bar))[1])
    history = () if "--histories" in more else ("--history", "12,7,9")
    assert minirearec("recommend", finished, *history, *more).exit_code == 0 and asked == [backend]


def test_json_is_what_the_library_recommends(finished, minirearec, model):
    shown = json.loads(minirearec("recommend", finished, "--history", "12, 7,9", "-k", 5, "--json").stdout)
    assert shown["history"] == [12, 7, 9] and shown["user"] is None and shown["answer"] == "step 2"
    assert shown["recommendations"] == [vars(row) for row in model.recommend([12, 7, 9], 5)]
    assert [row["row"] for row in shown["recommendations"]] == ["step 0", "step 1", "step 2"]


def test_a_user_means_their_full_history(finished, minirearec, model):
    history = model.history_of(42)
    by_user = json.loads(minirearec("recommend", finished, "--user", 42, "--json").stdout)
    assert by_user["history"] == history and by_user["user"] == 42
    by_hand = json.loads(minirearec("recommend", finished, "--history", ",".join(map(str, history)), "--json").stdout)
    assert by_user["recommendations"] == by_hand["recommendations"]
    text = minirearec("recommend", finished, "--user", 42).stdout
    assert f"User 42 of tiny, full history, including the validation and test items: {len(history)} items" in text


def test_seen_items_stay_out_unless_they_are_kept(finished, minirearec):
    words = ("recommend", finished, "--history", "12,7,9", "-k", 80, "--json")
    without, kept = (json.loads(minirearec(*words, *more).stdout) for more in ([], ["--keep-seen"]))
    for row in without["recommendations"]:
        assert len(row["items"]) == 77 and not {12, 7, 9} & set(row["items"])
    for row in kept["recommendations"]:
        assert len(row["items"]) == 80 and {12, 7, 9} <= set(row["items"])


def test_the_table_has_a_column_for_each_step(finished, minirearec, model):
    text = minirearec("recommend", finished, "--history", "12,7,9", "-k", 4).stdout
    assert re.search(r"step 0 +step 1 +> step 2", text)
    rows = re.findall(r"^ +(\d+) +\+? *(\d+) +(-?\d+\.\d{3}) .* (\d+) +(-?\d+\.\d{3})", text, re.M)
    steps = model.recommend([12, 7, 9], 4)
    for rank, first, first_score, last, last_score in rows:
        at = int(rank) - 1
        assert (int(first), int(last)) == (steps[0].items[at], steps[2].items[at])
        assert first_score == f"{steps[0].scores[at]:.3f}" and last_score == f"{steps[2].scores[at]:.3f}"
    assert len(rows) == 4


def test_a_long_history_is_cut_to_its_newest_items(finished, minirearec):
    long = ",".join(str(1 + item % 80) for item in range(63))
    text = minirearec("recommend", finished, "--history", long).stdout
    assert "63 items, of which the model reads the newest 50" in text
    assert "(53 earlier) ... 54  55  56  57  58  59  60  61  62  63" in text
    short = minirearec("recommend", finished, "--history", "5").stdout
    assert "1 item, oldest first\n  5\n" in short


def test_titles_are_shown_where_the_data_have_them(finished, minirearec, model, monkeypatch):
    titled = replace(model.items, titles=np.array([f"Title of {item}" for item in model.items.ids]))
    titled_model = Recommender(model.scorer, titled, model.facts, model.load_data)
    monkeypatch.setattr(Recommender, "load", lambda *_: titled_model)
    text = minirearec("recommend", finished, "--history", "12,7", "-k", 2).stdout
    for item in [12, 7, *model.recommend([12, 7], 2)[2].items]:
        assert re.search(rf"^ +(?:\d +)?{item} +(?:[\d.-]+ +)?Title of {item} *$", text, re.M)
    short = minirearec("recommend", finished, "--history", "12,7", "-k", 2, "--answer-only").stdout
    assert short.count("Title of") == 4 and "at each step" not in short and "step 0" not in short
    found = json.loads(minirearec("recommend", finished, "--history", "12", "--answer-only", "--json").stdout)
    answer, = found["recommendations"]
    assert answer["row"] == found["answer"]
    assert answer["titles"] == [f"Title of {item}" for item in answer["items"]]
    monkeypatch.undo()
    untitled = minirearec("recommend", finished, "--history", "12,7", "-k", 2).stdout
    assert "titles\n" in untitled and untitled.count("tiny has no titles") == 1


def test_a_history_of_titles(finished, minirearec, refused, model, monkeypatch):
    titled = replace(model.items, titles=np.array([f"Film {item}, The" for item in model.items.ids]))
    monkeypatch.setattr(Recommender, "load",
                        lambda *_: Recommender(model.scorer, titled, model.facts, model.load_data))
    words = ("recommend", finished, "--title", "the film 12", "--title", "FILM 7, THE", "--json")
    assert json.loads(minirearec(*words).stdout)["history"] == [12, 7]
    assert json.loads(minirearec(*words, "--history", "5").stdout)["history"] == [5, 12, 7]
    refused(minirearec("recommend", finished, "--title", "film 7"),
            "titles have 'film 7': 7  Film 7, The; 17  Film 17, The; ",
            "Give more words, or the id with --history")
    refused(minirearec("recommend", finished, "--title", "nothing"), "no title has 'nothing'")
    refused(minirearec("recommend", finished, "--title", "x", "--user", 1), "either --user or --history")
    monkeypatch.setattr(CliRunner, "isolation", with_terminal(CliRunner.isolation))
    chosen = CliRunner().invoke(cli, [*map(str, words[:2]), "--title", "film 7", "--json"], input="99\n2\n")
    assert json.loads(chosen.stdout)["history"] == [17] and "2. 17  Film 17, The" in chosen.stderr
    monkeypatch.undo()
    refused(minirearec("recommend", finished, "--title", "film 7"), "the data have no titles")


def with_terminal(isolation):
    """Make the standard input of a test a terminal."""
    @contextmanager
    def changed(self, *words, **options):
        with isolation(self, *words, **options) as streams:
            sys.stdin.isatty = lambda: True
            yield streams
    return changed


def test_lists_for_everybody(finished, minirearec, model, tmp_path):
    out = tmp_path / "lists.jsonl"
    result = minirearec("recommend", finished, "--users", "all", "-k", 5, "-o", out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.strip() == f"Wrote {out}: the top 5 for 200 users, of step 2."
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["user"] for row in rows] == model.load_data().user_ids.tolist()
    assert rows[41]["scores"] == pytest.approx(model.recommend(model.history_of(42), 5)[-1].scores, abs=1e-5)


def test_lists_for_some_users_and_for_new_histories(finished, minirearec, tmp_path):
    (tmp_path / "users.txt").write_text("42\n3\n")
    (tmp_path / "new.txt").write_text("anna 12 7 9\n")
    words = "recommend", finished, "--users", tmp_path / "users.txt", "-o", tmp_path / "a.csv", "--json"
    assert json.loads(minirearec(*words).stdout)["users"] == 2
    lines = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["42"] * 10 + ["3"] * 10
    said = minirearec("recommend", finished, "--histories", tmp_path / "new.txt", "-o", tmp_path / "b.csv").stdout
    assert "the top 10 for 1 user, of step 2" in said


@pytest.mark.parametrize("words, message", [
    (["--users", "all"], "need --out"), (["--user", "1", "-o", "a.csv"], "need --out"),
    (["--users", "all", "--histories", "new.txt", "-o", "a.csv"], "only one"),
    (["--users", "nowhere.txt", "-o", "a.csv"], "nowhere.txt: no such file"),
    (["--histories", "nowhere.txt", "-o", "a.csv"], "nowhere.txt: no such file"),
    (["--users", "all", "-o", "a.xls"], "cannot write .xls")])
def test_what_is_refused_for_many(words, message, finished, minirearec, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(minirearec("recommend", finished, *words), message)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("options, count", [((), 77), (("--keep-seen",), 80)])
def test_lists_for_many_may_keep_seen_items(options, count, finished, minirearec, tmp_path):
    (tmp_path / "new.txt").write_text("anna 12 7 9\n")
    out = tmp_path / "a.jsonl"
    minirearec("recommend", finished, "--histories", tmp_path / "new.txt", "-k", 80, "-o", out, *options)
    assert len(json.loads(out.read_text())["items"]) == count
