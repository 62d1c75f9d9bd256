"""Several seeds: each a run of its own, with the results that it has alone; mean and spread are those of the runs."""

import json
import statistics

import pytest

from minirearec.runs.directory import Run
from minirearec_cli import seeds


def test_mean_and_spread():
    assert seeds.spread([1.0, 2.0, 4.0]) == pytest.approx({"mean": 7 / 3, "spread": statistics.stdev([1, 2, 4])})


def test_every_seed_is_a_run_of_its_own(minirearec, tiny, small, figures, tmp_path, refused):
    words = ("train", "--dataset", tiny, "--method", "base", "--epochs", 1, "--quiet", *small)
    shown = minirearec(*words, "--seeds", 2, "--seed", 5, "--out", tmp_path / "both", "--json")
    assert shown.exit_code == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert [run["seed"] for run in found["runs"]] == [5, 6]
    assert minirearec(*words, "--seed", 6, "--out", tmp_path / "alone").exit_code == 0
    assert figures(tmp_path / "alone") == figures(tmp_path / "both" / "seed-6")
    values = [Run.open(run["run"]).read_results()["test"]["excluded"]["step 0"]["NDCG@10"] for run in found["runs"]]
    assert found["excluded"]["NDCG@10"] == seeds.spread(values)
    refused(minirearec(*words, "--seeds", 2, "--resume", tmp_path / "alone"), "cannot be given with --resume")


@pytest.mark.parametrize("width", [40, 80])
def test_the_table_has_whole_figures_of_every_seed(width, minirearec, tiny, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("train", "--dataset", tiny, "--method", "base", "--epochs", 1, "--seeds", 3, *small)
    text = minirearec(*words, env={"COLUMNS": str(width)}).stdout
    assert text.startswith("Test metrics of base on tiny, 3 seeds") and text.count("seed-") == 3 and "NDCG@10" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith(("Run", "Test"))) <= width
    assert len(list((tmp_path / "runs").glob("tiny-seeds-base-*/seed-*"))) == 3


def test_the_same_command_continues_and_other_settings_are_refused(minirearec, tiny, small, tmp_path, refused):
    words = ("train", "--dataset", tiny, "--seeds", 2, "--out", tmp_path / "both", "--quiet", "--json", *small)
    whole = json.loads(minirearec(*words, "--epochs", 1).stdout)
    (tmp_path / "both" / "seed-1" / "results.json").unlink()  # as after an interruption
    assert json.loads(minirearec(*words, "--epochs", 1).stdout)["excluded"] == whole["excluded"]
    refused(minirearec(*words, "--epochs", 2), "holds a run with other settings")
    refused(minirearec(*words, "--epochs", 1, "--backend", "numpy"), "holds a run trained with torch")
    first = tmp_path / "both" / "seed-0"
    refused(minirearec(*words, "--epochs", 1, "--from", first), "holds a run that began with other weights")
    more = ("train", "--seeds", 2, "--from", first, "--out", tmp_path / "more", "--quiet", "--json")
    begun = minirearec(*more)
    assert begun.exit_code == 0 and minirearec(*more).stdout == begun.stdout
    refused(minirearec(*words, "--epochs", 1, "--out", tmp_path / "more"), "holds a run that began with other weights")


def test_counting_has_no_seeds_and_a_run_is_no_folder_for_others(minirearec, tiny, small, tmp_path, refused):
    refused(minirearec("train", "--dataset", tiny, "--method", "counts", "--seeds", 2), "all seeds give one result")
    words = ("train", "--dataset", tiny, "--epochs", 1, "--out", tmp_path / "run", "--quiet", *small)
    assert minirearec(*words).exit_code == 0
    before = sorted(tmp_path.rglob("*"))
    refused(minirearec(*words, "--seeds", 2), "this folder is a run")
    refused(minirearec("sweep", "--dataset", tiny, "--vary", "steps=1..2", "--out", tmp_path / "run"),
            "this folder is a run")
    refused(minirearec("study", "ladder", "--dataset", tiny, "--out", tmp_path / "run"), "this folder is a run")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_way_to_continue_is_the_same_command(minirearec, tiny, small, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("minirearec.training.Trainer.train", interrupt)
    shown = minirearec("train", "--dataset", tiny, "--seeds", 2, "--out", tmp_path / "a b", *small)
    assert shown.exit_code == 130 and f"The same command with --out '{tmp_path / 'a b'}' continues." in shown.stderr


def test_a_failure_leaves_no_empty_folder(minirearec, tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    refused(minirearec("train", "--dataset", "nothing.txt", "--seeds", 2), "nothing.txt")
    assert not list(tmp_path.glob("runs/*"))
