"""minirearec train from start to end, and what of it goes to which stream."""

import json
import re

import pytest

from minirearec.config import Config
from minirearec.data import card, cards, load
from minirearec.data.catalogue.loading import GENERATORS
from minirearec.data.made.hops import hops
from minirearec.runs.directory import Run

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def test_a_run_from_start_to_end(minirearec, tiny, small, tmp_path):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", tiny, "--method", "prl", "--epochs", 2, "--seed", 3, "--out", out, *small)
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in out.iterdir()} == {
        "config.toml", "metrics.jsonl", "items.json", "best.safetensors", "last.safetensors", "results.json", "lock",
        "env.json"}
    assert len(re.findall(r"^epoch \d  loss \d", result.stderr, re.M)) == 2
    assert "Test metrics on tiny, 200 users" in result.stdout
    assert "Reference points" not in result.stdout and "SYNTHETIC" not in result.stdout
    assert f"Next: minirearec recommend {out}" in result.stdout
    results = json.loads((out / "results.json").read_text())
    best = results["test"]["excluded"]["step 2"]["NDCG@10"]
    row = next(line for line in result.stdout.splitlines() if "> step 2" in line)
    assert f"{best:.4f}".removeprefix("0") in row.split()
    assert results["seed"] == 3 and results["epochs"] == 2 and results["data"]["where"] == str(tiny)
    assert results["settings"]["model"]["width"] == 8
    environment = json.loads((out / "env.json").read_text())
    assert environment["command"].startswith("minirearec train --dataset ") and "--seed 3" in environment["command"]


def test_the_other_backbone_trains_evaluates_recommends_and_is_exported(minirearec, tiny, small, tmp_path):
    out = tmp_path / "run"
    trained = minirearec("train", "--dataset", tiny, "--backbone", "bert4rec", "--method", "prl", "--epochs", 1,
                         "--out", out, "--json", *small)
    assert trained.exit_code == 0, trained.stderr
    evaluated = json.loads(minirearec("evaluate", out, "--json").stdout)
    assert evaluated["test"] == json.loads(trained.stdout)["test"]
    found = [json.loads(minirearec("recommend", out, "--history", "1,2", "--json", "--backend", backend).stdout)
             for backend in ("torch", "numpy")]
    rows = [one["recommendations"][-1]["scores"] for one in found]
    assert rows[0] == pytest.approx(rows[1], rel=1e-4)
    assert minirearec("export", out, "--to", "numpy", "-o", tmp_path / "exported").exit_code == 0


def test_without_a_terminal_there_are_no_control_codes(minirearec, tiny, small, tmp_path):
    result = minirearec("train", "--dataset", tiny, "--epochs", 1, "--out", tmp_path / "run", *small,
                        env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert result.exit_code == 0
    assert not CONTROL.search(result.stdout) and not CONTROL.search(result.stderr)


def test_tables_fit_eighty_columns(minirearec, tiny, small, tmp_path):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", tiny, "--method", "erl", "--epochs", 1, "--out", out, *small)
    table = result.stdout.split("Best epoch")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert "…" not in table
    for row in ("step 0", "step 1", "step 2", "> mean of steps", "best step (oracle)", "null oracle"):
        assert len(re.findall(rf"{re.escape(row)}(?: +\.\d{{4}}){{6}}", table)) == 1


def test_json_is_the_content_of_results_json(minirearec, tiny, small, tmp_path):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", tiny, "--epochs", 1, "--out", out, "--json", *small)
    assert json.loads(result.stdout) == json.loads((out / "results.json").read_text())
    assert "epoch 1" in result.stderr


def test_quiet_leaves_the_table_or_the_json_alone(minirearec, tiny, small, tmp_path):
    table = minirearec("train", "--dataset", tiny, "--epochs", 1, "--out", tmp_path / "a", "--quiet", *small)
    assert table.stderr == "" and "Test metrics" in table.stdout
    only = minirearec("train", "--dataset", tiny, "--epochs", 1, "--out", tmp_path / "b", "--quiet", "--json", *small)
    assert only.stderr == "" and json.loads(only.stdout)["epochs"] == 1


def test_counts_need_no_epochs(minirearec, tiny, tmp_path, figures):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", tiny, "--method", "counts", "--out", out)
    assert result.exit_code == 0
    assert "> counts" in result.stdout and "Best epoch" not in result.stdout
    assert json.loads(minirearec("evaluate", out, "--json").stdout)["test"] == figures(out)["test"]


@pytest.mark.parametrize("counts", ["rules", "pctm"])
def test_count_models_have_settings_and_serve_like_any_run(counts, minirearec, tiny, tmp_path, figures):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", tiny, "--method", "counts", "--counts", counts, "--window", 5, "--refit",
                        "--out", out)
    assert result.exit_code == 0, result.stderr
    assert f"Method: counts, {counts}" in result.stderr and "fitted on train and validation" in result.stdout
    assert figures(out)["settings"]["counting"]["window"] == Run.open(out).config.counting.window == 5
    assert json.loads(minirearec("evaluate", out, "--json").stdout)["test"] == figures(out)["test"]
    assert minirearec("recommend", out, "--user", 1).stdout.count("\n") > 10
    plain, words = tmp_path / "plain", ("--dataset", tiny, "--method", "counts", "--counts", counts)
    assert minirearec("train", *words, "--out", plain).exit_code == 0
    assert figures(plain)["test"] != figures(out)["test"] and figures(plain)["fitted_on"] == "train"


def test_the_run_directory_is_named_after_data_method_and_time(minirearec, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = [minirearec("train", "--dataset", tiny, "--method", "counts") for _ in range(2)]
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert len(names) == 2, "two runs in one second get two directories"
    assert all(re.fullmatch(r"tiny-counts-\d{8}-\d{6}(-2)?", name) for name in names)
    assert all(re.search(r"^Run: runs/tiny-counts-", result.stdout, re.M) for result in results)


@pytest.mark.parametrize("offline", [[], ["--offline"]])
def test_a_stand_in_is_announced_and_stamped(offline, minirearec, small, tmp_path):
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", "beauty", *offline, "--epochs", 1, "--out", out, *small)
    assert result.exit_code == 0, result.stderr
    notice = result.stderr.partition("epoch 1")[0]
    assert "Synthetic data" in notice and "--require-real" in notice and "beauty-sim" in notice
    reason = "downloading is off" if offline else "no network in tests"
    assert reason in " ".join(notice.replace("│", " ").split())
    assert "Test metrics on beauty-sim (SYNTHETIC DATA)" in result.stdout
    assert "Reference points" not in result.stdout
    results = json.loads((out / "results.json").read_text())
    assert results["data"]["synthetic"] is True
    assert Run.open(out).data.where == "beauty-sim"
    again = minirearec("evaluate", out)
    assert again.exit_code == 0 and "(SYNTHETIC DATA)" in again.stdout
    assert "(SYNTHETIC DATA)" in minirearec("recommend", out, "--user", 1).stdout.split("Top 10")[1]


def test_the_notice_comes_even_when_quiet(minirearec, small, tmp_path):
    result = minirearec("train", "--quiet", "--json", "--epochs", 1, "--out", tmp_path / "run", *small)
    assert "Synthetic data" in result.stderr
    assert json.loads(result.stdout)["data"]["synthetic"] is True


def test_require_real_makes_it_an_error(minirearec, refused, tmp_path):
    out = tmp_path / "run"
    refused(minirearec("train", "--require-real", "--out", out), "data set beauty: could not be downloaded")
    refused(minirearec("train", "--dataset", "beauty-sim", "--require-real", "--out", out), "is synthetic")
    assert not out.exists()


def test_settings_of_the_card_come_before_the_defaults_and_after_options(minirearec, tmp_path, monkeypatch):
    monkeypatch.setitem(GENERATORS, "hops", lambda seed: hops(seed, users=60))
    out = tmp_path / "run"
    result = minirearec("train", "--dataset", "hops", "--steps", 1, "--epochs", 1, "--width", 4, "--out", out)
    assert result.exit_code == 0, result.stderr
    model, objective, training, _ = Run.open(out).config.to_dict().values()
    wanted = cards()["hops"].training
    assert (model["steps"], model["width"], training["epochs"]) == (1, 4, 1)
    assert objective["method"] == wanted["method"] and model["initial_std"] == wanted["initial_std"] != 0.02
    told = next(line for line in result.stderr.splitlines() if line.startswith("Settings from the card of hops: "))
    assert f"initial_std {wanted['initial_std']}" in told and "width" not in told.replace("inner_width", "")
    quiet = minirearec("train", "--dataset", "hops", "--epochs", 1, "--out", tmp_path / "quiet", "--quiet")
    assert quiet.stderr == ""


def test_a_wrong_setting_in_a_file_names_the_file(minirearec, tiny, refused, tmp_path):
    (tmp_path / "own.toml").write_text('width = "8"\n')
    words = ("train", "--dataset", tiny, "--config", tmp_path / "own.toml")
    refused(minirearec(*words), "own.toml: width: expected a whole number, got '8'")
    refused(minirearec(*words, "--width", 8, "--heads", 3), "--heads: 3 heads do not divide")


def test_python_and_the_command_line_train_with_the_same_settings(minirearec, tmp_path, monkeypatch):
    monkeypatch.setitem(GENERATORS, "hops", lambda seed: hops(seed, users=60))
    result = minirearec("train", "--dataset", "hops", "--epochs", 1, "--out", tmp_path / "run", "--quiet")
    assert result.exit_code == 0, result.stderr
    trained = Run.open(tmp_path / "run").config
    assert trained == Config.for_data(load("hops"), epochs=1, precision=trained.training.precision)
    assert trained.training.precision in ("float32", "bf16"), "the run says what auto chose"
    assert Config.for_data(load("hops"), epochs=1) == Config.for_data(card("hops"), epochs=1) != Config.make(epochs=1)


@pytest.mark.parametrize("dataset", ["hops", "beauty"])
def test_a_name_is_looked_up_once(minirearec, small, lookups, dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(GENERATORS, "hops", lambda seed: hops(seed, users=60))
    result = minirearec("train", "--dataset", dataset, "--epochs", 1, "--out", tmp_path / "run", "--heads", 1, *small)
    assert result.exit_code == 0, result.stderr
    assert lookups == [dataset]


def test_settings_from_a_file_are_replaced_by_options(minirearec, tiny, small, tmp_path, refused):
    (tmp_path / "mine.toml").write_text('method = "prl"\nsteps = 1\nepochs = 1\n')
    words = ("train", "--dataset", tiny, "--config", tmp_path / "mine.toml", *small)
    result = minirearec(*words, "--seed", 3, "--out", tmp_path / "run", "--json", "--quiet")
    settings = json.loads(result.stdout)["settings"]
    assert settings["objective"]["method"] == "prl" and settings["model"]["steps"] == 1
    other = minirearec(*words, "--steps", 2, "--out", tmp_path / "other", "--json", "--quiet")
    assert json.loads(other.stdout)["settings"]["model"]["steps"] == 2
    refused(minirearec("train", "--config", tmp_path / "none.toml"), "none.toml: cannot be read")
    refused(minirearec("train", "--resume", tmp_path / "run", "--config", tmp_path / "mine.toml"), "--config cannot be")


def test_a_log_file_gets_a_line_per_epoch_even_when_quiet(minirearec, tiny, small, tmp_path, refused):
    log = tmp_path / "log.txt"
    words = ("train", "--dataset", tiny, "--epochs", 2, "--quiet", *small)
    assert minirearec(*words, "--out", tmp_path / "run", "--log-file", log).stderr == ""
    lines = log.read_text().splitlines()
    assert lines[0].startswith("Data: tiny")
    assert [line[:8] for line in lines[-3:]] == ["epoch 1 ", "epoch 2 ", "finished"]
    refused(minirearec(*words, "--out", tmp_path / "two", "--log-file", tmp_path / "no" / "log"), "cannot be written")
    assert not (tmp_path / "two").exists()


def test_training_starts_from_another_run(minirearec, tiny, finished, refused, tmp_path):
    words = ("train", "--dataset", tiny, "--from", finished, "--epochs", 1, "--quiet")
    result = minirearec(*words, "--out", tmp_path / "more", "--json")
    settings = json.loads(result.stdout)["settings"]
    assert settings["objective"]["method"] == "prl" and settings["model"]["width"] == 8, "those of the other run"
    fresh = minirearec("train", "--dataset", tiny, "--config", finished / "config.toml", "--epochs", 1, "--quiet",
                       "--out", tmp_path / "fresh", "--json")
    assert Run.open(tmp_path / "more").read_metrics()[0].loss < Run.open(tmp_path / "fresh").read_metrics()[0].loss
    assert fresh.exit_code == 0
    refused(minirearec(*words, "--width", 16, "--out", tmp_path / "wide"), "the weights do not fit the settings")
    assert not (tmp_path / "wide").exists()


def test_training_starts_from_another_run_on_its_data_set(minirearec, finished, tmp_path):
    result = minirearec("train", "--from", finished, "--epochs", 1, "--out", tmp_path / "more")
    assert result.exit_code == 0, result.stderr
    assert Run.open(tmp_path / "more").data == Run.open(finished).data
    assert re.search(r"Starts from .*, which knows (\d+) of the \1 items\.", result.stderr)
    words = ("train", "--from", finished, "--method", "base", "--epochs", 1, "--out", tmp_path / "base", "--json")
    base = minirearec(*words)
    assert json.loads(base.stdout)["settings"]["model"]["steps"] == 0, "that of the new method"
    (tmp_path / "mine.toml").write_bytes(b"\xef\xbb\xbfseed = 3\ndropout = 0.25\n")  # an editor's mark comes first
    words = ("train", "--from", finished, "--config", tmp_path / "mine.toml", "--epochs", 1, "--out", tmp_path / "file")
    training = json.loads(minirearec(*words, "--json", "--seed", 4).stdout)["settings"]
    assert (training["training"]["seed"], training["model"]["dropout"]) == (4, 0.25)


def test_logs_are_chosen_by_name_and_missing_packages_named_before_training(minirearec, tiny, small, tmp_path, refused,
                                                                            monkeypatch):
    from minirearec import listeners

    words = ("train", "--dataset", tiny, "--epochs", 1, "--quiet", *small)
    assert minirearec(*words, "--out", tmp_path / "a", "--log", "jsonl").exit_code == 0
    events = [json.loads(line)["event"] for line in (tmp_path / "a" / "events.jsonl").read_text().splitlines()]
    assert events[0] == "Started" and events[-1] == "Finished" and "BatchDone" in events
    refused(minirearec(*words, "--out", tmp_path / "b", "--log", "wandb"),
            "'wandb' is not one of 'jsonl', 'tensorboard'")
    monkeypatch.setattr(listeners, "find_spec", lambda name: None)
    refused(minirearec(*words, "--out", tmp_path / "b", "--log", "tensorboard"), "needs the package tensorboard")
    refused(minirearec("train", "--resume", tmp_path / "a", "--log", "tensorboard"), "needs the package tensorboard")
    assert not (tmp_path / "b").exists()
