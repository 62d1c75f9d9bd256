"""minirearec study: killed and started again it trains nothing twice; it ends in tables and plots."""

import csv
import io
import json
import time

import pytest

from minirearec_cli import studying
from minirearec_cli.sweeping import Estimate

STUDY = """
question = "Does it help?"
[[rows]]
name = "base"
method = "base"
[[rows]]
name = "erl"
method = "erl"
variants = [{steps = 1}, {steps = 2}]
"""


@pytest.fixture
def words(tiny, small, tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY)
    return ("study", tmp_path / "mine.toml", "--dataset", tiny, *small, "--seeds", 2, "--threads", 1, "--epochs", 2)


def test_killed_and_started_again(words, minirearec, start, tmp_path):
    words += ("--epochs", 25, "--patience", 25)  # so that it does not end before it is killed
    folder = tmp_path / "killed"
    process, results, ends = start(*words, "--out", folder), folder / "results.jsonl", time.monotonic() + 120
    while not results.exists() and time.monotonic() < ends:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    before = results.read_text()
    shown = minirearec(*words, "--out", folder)
    assert shown.exit_code == 0, shown.stderr
    assert shown.stderr.count("(done before)") == len(before.splitlines()) < 5
    assert results.read_text().startswith(before) and len(results.read_text().splitlines()) == 5
    assert {path.name for path in folder.iterdir()} == {"results.jsonl", "lock", "table.md", "table.json",
                                                        "differences.svg"}
    again = minirearec(*words, "--out", folder, "--show")
    assert again.stdout == shown.stdout and "All" not in again.stderr
    table = json.loads((folder / "table.json").read_text())
    assert json.loads(minirearec(*words, "--out", folder, "--json").stdout) == table
    rows = list(csv.DictReader(io.StringIO(minirearec(*words, "--out", folder, "--csv").stdout)))
    assert [float(row["NDCG@20"]) for row in rows] == [line["test"]["NDCG@20"] for line in table["lines"]]
    assert f"{table['lines'][1]['difference']['difference']['value']:+.4f}" in (folder / "table.md").read_text()


def test_an_estimate_and_a_list_train_nothing(words, minirearec, tmp_path):
    shown = minirearec(*words, "--estimate", "--out", tmp_path / "runs")
    assert shown.exit_code == 0 and shown.stdout == "" and "5 runs, which take about" in shown.stderr
    assert not (tmp_path / "runs").exists() and "frontier" in minirearec("study").stdout
    estimate = json.loads(minirearec(*words, "--estimate", "--json", "--out", tmp_path / "runs").stdout)
    assert (estimate["runs"], estimate["done"]) == (5, 0) and estimate["seconds"] > 0
    assert {"study": "levers"}.items() <= {row["study"]: row for row in json.loads(
        minirearec("study", "--json").stdout)}["levers"].items()
    assert minirearec("study", "--csv").stdout.startswith("study,rows,question\n")


def test_a_row_alone_is_trained_alone_and_counts_for_the_whole_study(words, minirearec, tmp_path):
    out = ("--out", tmp_path / "runs")
    alone = minirearec(*words, *out, "--row", "base")
    assert alone.exit_code == 0 and "base" in alone.stdout and "erl" not in alone.stdout
    assert len((tmp_path / "runs" / "results.jsonl").read_text().splitlines()) == 2
    assert minirearec(*words, *out).stderr.count("(done before)") == 2


def test_quick_says_that_it_proves_nothing(words, minirearec, tmp_path):
    shown = minirearec("study", tmp_path / "mine.toml", "--dataset", words[3], "--quick", "--out", tmp_path / "quick")
    assert shown.exit_code == 0 and "prove nothing" in shown.stderr
    assert "prove nothing" in (tmp_path / "quick" / "table.md").read_text() and "steps 2" not in shown.stdout


@pytest.mark.parametrize("more, problem", [
    (("--steps", 3), "--steps varies in this study"), (("--metric", "HR"), "unknown metric 'HR'"),
    (("--row", "prl"), "no row is called 'prl'"), (("--show",), "no run of this study is finished"),
    (("--json", "--csv"), "exclude each other"),
    (("--blend", "counts:x"), "--blend: unknown count model 'x'")])
def test_refusals(more, problem, words, minirearec, refused, tmp_path):
    refused(minirearec(*words, "--out", tmp_path / "runs", *more), problem)


def test_tables_that_cannot_be_written_are_named(words, minirearec, tmp_path):
    (tmp_path / "runs" / "table.md").mkdir(parents=True)
    shown = minirearec(*words, "--row", "base", "--out", tmp_path / "runs")
    assert shown.exit_code == 2 and "table.md: cannot be written" in shown.stderr


def test_an_unknown_name(minirearec, refused):
    refused(minirearec("study", "lader"), "no study and no file is called 'lader'", "frontier")


def test_the_work_is_as_the_options_say(words, minirearec, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(studying, "conduct", lambda notices, work, *_: kept.append(work) or Estimate(0, 0, 0.0))
    minirearec(*words, "--jobs", 2, "--backend", "numpy", "--out", tmp_path / "study")
    [work] = kept
    assert (work.jobs, work.machine.backend, work.machine.threads, len(work.seeds)) == (2, "numpy", 1, 2)
