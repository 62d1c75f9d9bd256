"""minirearec sweep: killed and started again, it trains nothing twice and shows the same table."""

import csv
import io
import json
import time

import pytest

from minirearec.runs.directory import Run

GRID = ("--method", "prl", "--vary", "steps=1..2", "--vary", "alpha=1,1.5", "--epochs", 2)


def test_killed_and_started_again(tiny, minirearec, small, start, tmp_path):
    words = ("sweep", "--dataset", tiny, *GRID, *small, "--threads", 1)
    process = start(*words, "--out", tmp_path / "killed")
    first = tmp_path / "killed" / "steps-1-alpha-1.0-seed0" / "results.json"
    ends = time.monotonic() + 120
    while not first.exists() and time.monotonic() < ends:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "killed").glob("*/results.json")}
    assert 0 < len(before) < 4
    shown = minirearec(*words, "--out", tmp_path / "killed")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stderr.count("(done before)") == len(before)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    whole = minirearec(*words, "--out", tmp_path / "whole")
    assert shown.stdout == whole.stdout and "if none stops early" in whole.stderr
    rows = list(csv.DictReader(io.StringIO(minirearec(*words, "--out", tmp_path / "killed", "--csv").stdout)))
    points = json.loads(minirearec(*words, "--out", tmp_path / "killed", "--json").stdout)["points"]
    assert [float(row["NDCG@20"]) for row in rows] == [point["metrics"]["NDCG@20"] for point in points]


def test_an_estimate_trains_nothing(tiny, minirearec, small, tmp_path):
    shown = minirearec("sweep", "--dataset", tiny, *GRID, *small, "--estimate", "--out", tmp_path / "runs")
    assert shown.exit_code == 0 and shown.stdout == "" and "4 runs, which take about" in shown.stderr
    assert not (tmp_path / "runs").exists()
    table = minirearec("sweep", "--dataset", tiny, *GRID, *small, "--estimate", "--csv", "--out", tmp_path / "runs")
    assert table.stdout.startswith("runs,done,seconds\n4,0,")


def test_a_setting_that_changes_nothing_is_told(tiny, minirearec, small, tmp_path):
    shown = minirearec("sweep", "--dataset", tiny, "--vary", "method=erl,prl", "--vary", "alpha=1,1.5", *small,
                       "--estimate", "--out", tmp_path / "runs")
    assert shown.stderr.count("Note: --alpha has no effect with --method erl\n") == 1
    assert shown.stderr.count("has no effect") == 1


@pytest.mark.parametrize("words, problem", [
    ((), "nothing varies. Say what varies"),
    (("--vary", "steps=x"), "not a whole number"), (("--preset", "x"), "unknown preset"),
    (("--vary", "steps=1", "--vary", "steps=2"), "names a setting twice"),
    (("--vary", "width=8", "--width", 8), "--width varies in this sweep"),
    (("--vary", "dropout=2"), "out of range"), (("--vary", "steps=1", "--json", "--csv"), "exclude each other")])
def test_refusals(words, problem, tiny, minirearec, refused):
    refused(minirearec("sweep", "--dataset", tiny, *words), problem)


def test_runs_have_the_backend_that_is_asked_for(tiny, minirearec, small, tmp_path):
    words = ("sweep", "--dataset", tiny, "--vary", "steps=1", "--epochs", 1, "--backend", "numpy", *small)
    assert minirearec(*words, "--out", tmp_path / "runs").exit_code == 0
    assert Run.open(tmp_path / "runs" / "steps-1-seed0").backend == "numpy"
