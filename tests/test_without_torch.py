"""A machine without PyTorch: import, train, evaluate and recommend in a new process that cannot import torch."""

import json
import subprocess
import sys

import pytest

from minirearec.config import Config
from minirearec.data import beauty_sim, load, read_sequences
from minirearec.training import BatchDone, Trainer

BLOCK = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ImportError("this machine has no torch")
sys.meta_path.insert(0, NoTorch())
from minirearec_cli.main import cli
cli.main(sys.argv[1:], prog_name="minirearec")
"""
SMALL = ["--width", "8", "--inner-width", "8", "--layers", "1", "--batch-positions", "200", "--learning-rate", "0.005"]


def without_torch(*words) -> str:
    """Return the output of a command in a process where importing torch fails."""
    return subprocess.run([sys.executable, "-c", BLOCK, *map(str, words)], text=True, check=True,
                          capture_output=True).stdout


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """Write a file of histories and return its path."""
    data = beauty_sim(users=150, items=60, interactions=1000)
    path = tmp_path_factory.mktemp("histories") / "own.txt"
    lines = (" ".join(map(str, [user, *data.item_ids[data.history(user - 1)]])) for user in range(1, 151))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("method", ["prl", "erl"])
def test_training_evaluation_and_recommendation(method, histories, tmp_path):
    run = tmp_path / "run"
    trained = json.loads(without_torch("train", "--backend", "numpy", "--dataset", histories, "--method", method,
                                       "--epochs", "4", "--out", run, "--quiet", "--json", *SMALL))
    assert trained["epochs"] == 4
    evaluated = json.loads(without_torch("evaluate", run, "--json"))
    assert evaluated["test"] == trained["test"]
    found = json.loads(without_torch("recommend", run, "--user", "3", "-k", "5", "--json"))
    assert [len(row["items"]) for row in found["recommendations"]] == [5] * (3 + (method == "erl"))
    exported = json.loads(without_torch("export", run, "--to", "numpy", "-o", tmp_path / "out", "--json"))
    assert len(exported["files"]) == 2


def test_a_run_trained_with_torch_is_served_by_numpy(histories, tmp_path):
    trainer = Trainer(Config.make(method="erl", epochs=2, width=8, layers=1), load(histories),
                      out=tmp_path / "run")
    list(trainer.train())
    words = ["recommend", tmp_path / "run", "--history", "1,2,3", "-k", "8", "--json", "--backend", "numpy"]
    found = json.loads(without_torch(*words))["recommendations"]
    for ours, theirs in zip(found, trainer.recommender().recommend([1, 2, 3], 8), strict=True):
        assert ours["row"] == theirs.row and ours["items"] == theirs.items
        assert ours["scores"] == pytest.approx(theirs.scores, rel=1e-4)


@pytest.mark.parametrize("method", ["base", "naive", "rpe", "erl", "prl"])
def test_both_backends_train_the_same_model(method, histories):
    """Without dropout and noise, nothing is random after the start: losses and metrics agree in every epoch."""
    config = Config.make(method=method, epochs=4, width=8, inner_width=8, batch_positions=200, dropout=0.0,
                         input_dropout=0.0, noise=0.0, warmup_epochs=1, learning_rate=0.005)
    losses = []
    for backend in ("torch", "numpy"):
        trainer = Trainer(config, read_sequences(histories), backend=backend)
        losses.append([event.loss for event in trainer.train() if not isinstance(event, BatchDone)
                       and hasattr(event, "loss")])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
