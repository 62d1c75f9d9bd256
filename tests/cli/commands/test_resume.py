"""However it is interrupted, a run loses at most the current epoch and ends as if nothing had happened."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from minirearec.nn.learner import TorchLearner
from minirearec.runs.checkpoint import Checkpoint
from minirearec.runs.directory import Run


@pytest.fixture
def train(minirearec, tiny, small):
    def begin(out, *more):
        return minirearec("train", "--dataset", tiny, "--epochs", 4, "--out", out, *small, *more)

    return begin


@pytest.fixture
def complete(train, tmp_path, figures):
    """Return the results of the uninterrupted run."""
    assert train(tmp_path / "complete", "--quiet").exit_code == 0
    return figures(tmp_path / "complete")


def interrupt_at(monkeypatch, batch: int):
    """Press Ctrl-C in the given training batch."""
    real, calls = TorchLearner.train_batch, []

    def train_batch(self, *arguments):
        calls.append(1)
        if len(calls) == batch:
            raise KeyboardInterrupt
        return real(self, *arguments)

    monkeypatch.setattr(TorchLearner, "train_batch", train_batch)


@pytest.mark.parametrize("batch, told, epochs", [
    (2, "Interrupted in epoch 1; no epoch is saved yet.", 0),
    (8, "Interrupted in epoch 2; epoch 1 is saved.", 1),
    (20, "Interrupted in epoch 4; epochs 1..3 are saved.", 3)])
def test_ctrl_c_in_an_epoch(batch, told, epochs, train, minirearec, complete, figures, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        interrupt_at(patched, batch)
        stopped = train(out)
    assert stopped.exit_code == 130 and stopped.stdout == ""
    assert stopped.stderr.endswith(f"{told} Resume with: minirearec train --resume {out}\n")
    assert "Traceback" not in stopped.stderr
    lines = (out / "metrics.jsonl").read_text().splitlines() if epochs else []
    assert len(lines) == epochs and not (out / "results.json").exists()

    resumed = minirearec("train", "--resume", out)
    assert resumed.exit_code == 0, resumed.stderr
    assert ("resuming after epoch" in resumed.stderr) == bool(epochs)
    assert figures(out) == complete


@pytest.mark.parametrize("batch, told", [
    (23, "Interrupted in epoch 1 of the refit; no epoch is saved yet."),
    (29, "Interrupted in epoch 2 of the refit; epoch 1 is saved.")])
def test_ctrl_c_in_a_refit(batch, told, train, minirearec, figures, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "run"
    assert train(whole, "--refit").exit_code == 0
    with monkeypatch.context() as patched:
        interrupt_at(patched, batch)
        stopped = train(out, "--refit")
    assert stopped.exit_code == 130
    assert stopped.stderr.endswith(f"{told} Resume with: minirearec train --resume {out}\n")
    resumed = minirearec("train", "--resume", out)
    assert resumed.exit_code == 0, resumed.stderr
    assert ("resuming after refit epoch 1" in resumed.stderr) == ("epoch 1 is saved" in told)
    assert figures(out) == figures(whole)


def test_ctrl_c_while_evaluating(train, minirearec, complete, figures, tmp_path, monkeypatch):
    from minirearec.training import Trainer

    def interrupted(*_):
        raise KeyboardInterrupt

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "evaluate", interrupted)
        stopped = train(out)
    assert stopped.exit_code == 130 and "Interrupted after training" in stopped.stderr
    assert minirearec("train", "--resume", out).exit_code == 0
    assert figures(out) == complete


def test_a_real_interrupt_signal(start, minirearec, tiny, small, tmp_path):
    out = tmp_path / "run"
    process = start("train", "--dataset", tiny, "--epochs", 500, "--patience", 500, "--out", out, *small)
    for line in process.stderr:
        if line.startswith("epoch 2 "):
            break
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stdout == ""
    assert f"are saved. Resume with: minirearec train --resume {out}" in stderr
    assert "Traceback" not in stderr
    saved = len((out / "metrics.jsonl").read_text().splitlines())
    assert saved >= 2 and f"epochs 1..{saved} are saved" in stderr


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_terminate_and_a_closed_terminal_are_as_safe(asked, start, tiny, small, tmp_path):
    out = tmp_path / "run"
    process = start("train", "--dataset", tiny, "--epochs", 500, "--patience", 500, "--out", out, *small)
    for line in process.stderr:
        if line.startswith("epoch 1 "):
            break
    process.send_signal(asked)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + asked and "Resume with" in stderr and "Traceback" not in stderr


def test_a_full_disk(train, minirearec, complete, figures, refused, tmp_path, monkeypatch):
    """The disk fills up in epoch 3; what was there before is intact, and with free space the run can be resumed."""
    out = tmp_path / "run"
    real = os.replace

    def replace(source, target):
        if str(target).endswith("metrics.jsonl") and Path(source).read_text().count("\n") == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        refused(train(out, "--json"), "metrics.jsonl: cannot write this file (No space left on device)",
                f"minirearec train --resume {out}")
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 2
    assert not list(out.glob("*.part")) and not (out / "results.json").exists()
    assert minirearec("train", "--resume", out).exit_code == 0
    assert figures(out) == complete


def test_a_disk_that_is_full_from_the_start(train, refused, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        result = train(out)
        refused(result, "env.json: cannot write this file", "another folder with --out")
        assert "--resume" not in result.stderr, "there is no run to resume"
    assert train(out).exit_code == 0


def test_a_finished_run_shows_its_tables_again(finished, minirearec):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    result = minirearec("train", "--resume", finished)
    assert result.exit_code == 0
    assert f"The run {finished} is finished: reached the limit of 2 epochs." in result.stderr
    assert "Test metrics on tiny, 200 users" in result.stdout
    assert json.loads(minirearec("train", "--resume", finished, "--json").stdout) == json.loads(before["results.json"])
    assert before == {path.name: path.read_bytes() for path in finished.iterdir()}


@pytest.mark.parametrize("extra", [["--width", 9], ["--seed", 1], ["--dataset", "beauty"], ["--out", "x"],
                                   ["--require-real"], ["--method", "base"], ["--backend", "torch"]])
def test_a_resumed_run_takes_no_other_settings(extra, finished, minirearec, refused):
    refused(minirearec("train", "--resume", finished, *extra), f"{extra[0]} cannot be given with --resume")


def test_other_data_are_refused(train, minirearec, refused, tiny, small, tmp_path, monkeypatch):
    data = tmp_path / "own.txt"
    data.write_bytes(tiny.read_bytes())
    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        interrupt_at(patched, 8)
        assert minirearec("train", "--dataset", data, "--out", out, *small).exit_code == 130
    moved = tmp_path / "elsewhere" / "own.txt"
    moved.parent.mkdir()
    data.rename(moved)
    refused(minirearec("train", "--resume", out), "no such file")
    data.write_text("1 1 2 3\n2 2 3 1\n")
    refused(minirearec("train", "--resume", out), "trained on data with sha256")
    data.unlink()
    with monkeypatch.context() as patched:
        interrupt_at(patched, 3)
        found = minirearec("train", "--resume", out, "--data-dir", moved.parent)
    assert found.exit_code == 130 and "resuming after epoch 1" in found.stderr


def test_a_finished_run_continues_with_more_epochs(train, minirearec, refused, tmp_path):
    train(tmp_path / "run")
    done = len(Run.open(tmp_path / "run").read_metrics())
    refused(minirearec("train", "--resume", tmp_path / "run", "--epochs", done), "would stop at once")
    words = ("train", "--resume", tmp_path / "run", "--epochs", done + 2, "--patience", 50, "--json")
    assert json.loads(minirearec(*words).stdout)["epochs"] == done + 2
    assert "is finished: reached the limit" in minirearec("train", "--resume", tmp_path / "run").stderr


def test_a_resumed_run_has_the_threads_it_began_with(train, minirearec, tmp_path, monkeypatch):
    used = []
    monkeypatch.setattr("minirearec_cli.training.use_threads", used.append)
    with monkeypatch.context() as patched:
        interrupt_at(patched, 8)
        train(tmp_path / "run", "--threads", 3)
    assert minirearec("train", "--resume", tmp_path / "run").exit_code == 0 and used == [3, 3]


def test_a_run_is_saved_as_often_as_asked_also_when_resumed(train, minirearec, tmp_path, monkeypatch):
    out = tmp_path / "run"
    for begin, batches in ((lambda: train(out, "--save-every", 0), 2),
                           (lambda: minirearec("train", "--resume", out, "--save-every", 0), 4)):
        with monkeypatch.context() as patched:
            interrupt_at(patched, 3)
            assert begin().exit_code == 130
        assert Checkpoint.load(Run.open(out)).inside.batches == batches
