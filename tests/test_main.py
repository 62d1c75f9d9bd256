"""``python -m minirearec`` is the command line, and torchrun trains one run with it in several processes."""

import json
import os
import subprocess
import sys

import pytest

from minirearec import __version__
from minirearec.data import beauty_sim
from minirearec.runs.directory import Run


def start(*words, **env):
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "OMP_NUM_THREADS": "1", **env})


def test_the_package_runs_as_a_module():
    found = start("-m", "minirearec", "--version")
    assert found.returncode == 0 and found.stdout == f"minirearec {__version__}\n", found.stderr


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2)


def test_two_processes_of_torchrun_train_one_run(tmp_path):
    """They train, validate, refit and end like one process; only the first writes and prints."""
    data, path = beauty_sim(users=60, items=40, interactions=480), tmp_path / "tiny.txt"
    path.write_text("".join(" ".join(map(str, [user, *data.item_ids[data.history(user)].tolist()])) + "\n"
                            for user in range(data.n_users)))
    options = ["-m", "minirearec", "train", "--dataset", path, "--method", "erl", "--epochs", 2, "--width", 8, "--json",
               "--inner-width", 8, "--layers", 1, "--batch-positions", 100, "--dropout", 0, "--input-dropout", 0,
               "--precision", "float32", "--learning-rate", 0.01, "--device", "cpu", "--refit"]
    alone = start(*options, "--out", tmp_path / "alone")
    both = start(*TORCHRUN, *options, "--out", tmp_path / "both")
    assert alone.returncode == both.returncode == 0, both.stderr
    ours, theirs = json.loads(both.stdout), json.loads(alone.stdout)
    assert ours == json.loads((tmp_path / "both" / "results.json").read_text())
    for part in ("validation", "test"):
        first, second = (found[part] if part == "validation" else found[part]["excluded"]["mean of steps"]
                         for found in (ours, theirs))
        assert first == pytest.approx(second, abs=0.02)
    assert both.stderr.count("\nepoch 2  ") == both.stderr.count("\nrefit epoch 1  ") == 1
    assert sorted(os.listdir(tmp_path / "both")) == sorted(os.listdir(tmp_path / "alone"))
    assert Run.open(tmp_path / "both").config == Run.open(tmp_path / "alone").config
    again = start(*TORCHRUN, *options, "--out", tmp_path / "both")
    assert again.returncode != 0 and "already holds a run" in again.stderr
    assert "[rank" not in again.stderr, "PyTorch marks the tracebacks of our processes with it"
