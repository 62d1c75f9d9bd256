"""Folders with somebody else's files, runs from elsewhere, and two processes at one run: nothing is lost or told."""

import json
import os
import shutil
import signal
import tomllib
from pathlib import Path

import pytest

from tests.runs.old import age

BEAUTY = "226cce9c3105299ca0db9615d7d3fb32b3175e90da43100ae352599f0f0107b8"


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.fixture
def unfinished(finished, tmp_path):
    run = shutil.copytree(finished, tmp_path / "run")
    (run / "results.json").unlink()
    return run


def test_a_folder_with_results_of_the_user_is_left_alone(minirearec, refused, tiny, small, tmp_path):
    (tmp_path / "results.json").write_text("mine")
    refused(minirearec("train", "--dataset", tiny, "--out", tmp_path, *small), "is not empty: it holds results.json")
    assert contents(tmp_path) == {"results.json": b"mine"}


@pytest.mark.parametrize("name", ["config.toml", "best.safetensors", "last.safetensors", "metrics.jsonl"])
def test_a_link_as_a_temporary_file_leads_nowhere(name, minirearec, unfinished, tmp_path):
    (tmp_path / "precious").write_text("mine")
    for part in (f"{name}.part", f".{name}.part"):
        (unfinished / part).symlink_to(tmp_path / "precious")
    assert minirearec("train", "--resume", unfinished).exit_code == 0
    assert (tmp_path / "precious").read_text() == "mine"


def test_the_content_of_a_file_that_a_run_names_is_not_told(minirearec, refused, unfinished, tmp_path):
    (tmp_path / "shadow").write_text("daemon:hunter2:1:2:3\n")
    config = age(unfinished) / "config.toml"
    where = tomllib.loads(config.read_text())["data"]["where"]
    config.write_text(config.read_text().replace(where, str(tmp_path / "shadow")))
    for words in (["evaluate"], ["recommend", "--user", 3], ["train", "--resume"]):
        result = minirearec(words[0], *words[1:], unfinished)
        refused(result, "trained on data with sha256")
        assert "hunter2" not in result.stderr and "daemon" not in result.stderr


def test_a_pipe_as_the_data_of_a_run_is_refused_at_once(minirearec, refused, unfinished, tmp_path):
    config = age(unfinished) / "config.toml"
    where = tomllib.loads(config.read_text())["data"]["where"]
    os.mkfifo(tmp_path / "pipe")
    config.write_text(config.read_text().replace(where, str(tmp_path / "pipe")))
    refused(minirearec("evaluate", unfinished), "is not a regular file")


def test_forged_sums_show_no_reference_points(minirearec, refused, finished, tmp_path):
    """Results of an earlier version have no sums; a sha256 that nobody has verified earns no published figures."""
    run = age(shutil.copytree(finished, tmp_path / "old"))
    assert minirearec("train", "--resume", run).exit_code == 0
    true = tomllib.loads((run / "config.toml").read_text())["data"]["sha256"]
    (run / "results.json").write_text((run / "results.json").read_text().replace(true, BEAUTY))
    refused(minirearec("train", "--resume", run), "results.json: belongs to another run")
    (run / "config.toml").write_text((run / "config.toml").read_text().replace(true, BEAUTY))
    shown = minirearec("train", "--resume", run)
    assert shown.exit_code == 0 and "Reference points" not in shown.stdout
    refused(minirearec("evaluate", run), "trained on data with sha256 226cce9c3105")


def test_results_of_another_run_are_refused(minirearec, refused, finished, tiny, small, tmp_path):
    words = ("train", "--dataset", tiny, "--method", "prl", "--epochs", 2, "--seed", 5, "--quiet", *small)
    assert minirearec(*words, "--out", tmp_path / "run").exit_code == 0
    for name in ("results.json", "last.safetensors", "best.safetensors"):
        run = shutil.copytree(tmp_path / "run", tmp_path / name)
        shutil.copy(finished / name, run)
        if name == "last.safetensors":
            (run / "results.json").unlink()
        words = ["evaluate"] if name == "best.safetensors" else ["train", "--resume"]
        refused(minirearec(*words, run), f"{name}: belongs to another run")


def test_a_second_process_is_told_and_leaves_the_run_alone(start, minirearec, refused, tiny, small, tmp_path):
    out = tmp_path / "run"
    process = start("train", "--dataset", tiny, "--epochs", 500, "--patience", 500, "--out", out, *small)
    for line in process.stderr:
        if line.startswith("epoch 1 "):
            break
    refused(minirearec("train", "--resume", out), "another process trains this run")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL and not (out / "results.json").exists()


def test_the_chosen_threads_are_remembered(minirearec, tiny, small, tmp_path, monkeypatch):
    used = []
    monkeypatch.setattr("torch.set_num_threads", used.append)
    words = ("train", "--dataset", tiny, "--epochs", 1, "--quiet", *small)
    for out, threads in (("chosen", ["--threads", 1]), ("free", [])):
        assert minirearec(*words, "--out", tmp_path / out, *threads).exit_code == 0
        (tmp_path / out / "results.json").unlink()
    assert used == [1]
    for out, more, expected in (("chosen", [], [1, 1]), ("free", [], [1, 1]), ("chosen", ["--threads", 2], [1, 1, 2])):
        (tmp_path / out / "results.json").unlink(missing_ok=True)
        assert minirearec("train", "--resume", tmp_path / out, *more).exit_code == 0
        assert used == expected


def test_a_run_interrupted_inside_an_epoch_says_so(minirearec, figures, tiny, small, tmp_path, monkeypatch):
    from minirearec.nn.learner import TorchLearner

    words = ("train", "--dataset", tiny, "--epochs", 2, "--save-every", 0, *small)
    assert minirearec(*words, "--out", tmp_path / "whole").exit_code == 0
    real, calls = TorchLearner.train_batch, []

    def train_batch(self, batch, done):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, batch, done)

    with monkeypatch.context() as patched:
        patched.setattr(TorchLearner, "train_batch", train_batch)
        stopped = minirearec(*words, "--out", tmp_path / "run")
    assert stopped.exit_code == 130
    assert "Interrupted in epoch 1; the first " in stopped.stderr and "positions of epoch 1 are saved" in stopped.stderr
    resumed = minirearec("train", "--resume", tmp_path / "run")
    assert "resuming in epoch 1 after " in resumed.stderr
    assert figures(tmp_path / "run") == figures(tmp_path / "whole")
    json.loads((tmp_path / "run" / "results.json").read_text())
