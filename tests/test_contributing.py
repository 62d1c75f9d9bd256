"""The code in CONTRIBUTING.md works: its backbone and its item encoder train as printed, in Python and by command."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import minirearec as mr
from minirearec import plugins
from minirearec.data.features import Features, save_features
from minirearec.data.files.exporting import export
from minirearec_cli.main import cli
from tests.outside import SHARED, needs
from tests.registered import forget_registered
from tests.small import SMALL, finish

PAGE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """Forget afterwards what a test registered."""
    monkeypatch.setattr(plugins, "_loaded", set())
    yield
    forget_registered()


def example(number, path):
    """Write an example of the page to a file, as printed; it is short enough to read."""
    text = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[number]
    assert len(text.splitlines()) <= 40
    path.write_text(text)
    return path


@pytest.fixture
def convolution(tmp_path):
    return example(0, tmp_path / "convolution.py")


@pytest.fixture
def linear(tmp_path):
    return example(1, tmp_path / "linear.py")


@pytest.fixture
def with_features(data):
    """Return the small data set with random features."""
    values = np.random.default_rng(0).standard_normal((data.n_items, 6)).astype(np.float32)
    return replace(data, features=Features(values, "random"))


@pytest.fixture
def wandb(monkeypatch):
    """Replace the package wandb; return what was sent to it."""
    sent = []
    run = SimpleNamespace(log=sent.append, finish=lambda: sent.append("finished"))
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=lambda **given: sent.append(given) or run))
    return sent


def run(*words):
    return CliRunner().invoke(cli, list(map(str, words)))


def train(out, *words):
    """Train a small run from the command line, and return its results."""
    small = [word for name, value in SMALL.items() for word in (f"--{name.replace('_', '-')}", value)]
    result = run("train", "--epochs", 1, "--out", out, "--quiet", "--json", *small, *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("method", ["base", "naive", "rpe", "erl", "prl"])
def test_the_backbone_trains_with_every_method(method, convolution, data):
    mr.load_plugin(convolution)
    config = mr.Config.make(backbone="convolution", method=method, epochs=3, **SMALL)
    trainer = mr.Trainer(config, data)
    _, first, *_, last, _ = finish(trainer)
    assert last.loss < first.loss
    windows = trainer.best_weights["blocks.0.window.weight"]
    assert windows.shape == (4, 16) and np.abs(windows - 1 / 4).max() > 1e-3, "the window is learned"


def test_the_backbone_is_causal_and_its_steps_see_the_items(convolution, data):
    """States of all prefixes in one pass equal those of each prefix alone; a step also sees what the window left."""
    mr.load_plugin(convolution)
    config = mr.Config.make(backbone="convolution", steps=2, width=16, layers=1, initial_std=0.4)
    model = mr.ReaRec(config.model, data.n_items).eval()
    items = torch.arange(9)[None]
    states = model(items)[0]
    for length in range(1, 10):
        alone = model.last(items[:, :length], torch.tensor([length]))
        assert torch.allclose(states[:, length - 1], alone, atol=1e-5)
    changed = items.clone()
    changed[0, 0] = (items[0, 0] + 1) % data.n_items
    moved = (model.last(changed, torch.tensor([9])) - alone).abs().amax(-1)[0]
    assert moved[0] == 0 and (moved[1:] > 1e-4).all(), "r_0 reads four items, the steps attend to all nine"


def test_the_backbone_trains_from_the_command_line(convolution, tmp_path):
    lastfm = needs(SHARED / "data" / "LastFM.txt")
    words = "--plugin", convolution, "--backbone", "convolution", "--dataset", lastfm, "--batch-positions", 2000
    results = train(tmp_path / "run", *words)
    assert results["settings"]["model"]["backbone"] == "convolution"
    evaluated = run("evaluate", tmp_path / "run", "--plugin", convolution, "--json")
    assert json.loads(evaluated.stdout)["test"] == results["test"]
    found = run("recommend", tmp_path / "run", "--plugin", convolution, "--history", "1,2", "-k", 3, "--json")
    assert len(json.loads(found.stdout)["recommendations"][-1]["items"]) == 3
    assert "convolution  each item mixes" in run("train", "--plugin", convolution, "--help").stdout
    refused = run("train", *words, "--backend", "numpy")
    assert refused.exit_code == 2 and "'convolution' has no backbone in NumPy" in refused.output


def test_the_item_encoder_trains_on_both_backends(linear, with_features):
    mr.load_plugin(linear)
    config = mr.Config.make(items="linear", method="erl", epochs=2, precision="float32",
                            **{**SMALL, "dropout": 0.0, "input_dropout": 0.0})
    trainers = [mr.Trainer(config, with_features, backend=backend) for backend in ("torch", "numpy")]
    losses = [[event.loss for event in finish(trainer) if isinstance(event, mr.EpochDone)] for trainer in trainers]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0][1] < losses[0][0]
    first, second = (trainer.best_weights for trainer in trainers)
    assert first["item_encoder.map"].shape == (6, 16) and "item_embedding" not in first
    assert first["item_encoder.map"] == pytest.approx(second["item_encoder.map"], abs=1e-4)


def test_the_item_encoder_trains_from_the_command_line(linear, with_features, tmp_path):
    export(with_features, tmp_path / "small.txt", "text")
    data = mr.load(tmp_path / "small.txt")
    assert run("train", "--plugin", linear, "--items", "linear", "--dataset", tmp_path / "small.txt").exit_code == 2
    save_features(with_features.features, data, tmp_path / "small.features")
    results = train(tmp_path / "run", "--plugin", linear, "--items", "linear", "--dataset", tmp_path / "small.txt")
    assert results["settings"]["model"]["feature_width"] == 6
    evaluated = run("evaluate", tmp_path / "run", "--plugin", linear, "--json")
    assert json.loads(evaluated.stdout)["test"] == results["test"]


def test_the_listener_hears_a_training(wandb, data, tmp_path):
    mr.load_plugin(example(2, tmp_path / "wandb_log.py"))
    trainer = mr.Trainer(mr.Config.make(method="base", epochs=2, **SMALL), data, out=tmp_path / "run", device="cpu")
    trainer.fit(progress=False, log=["wandb"])
    began, *epochs, ended = wandb
    assert began["config"]["objective"]["method"] == "base" and ended == "finished"
    assert epochs == [{"epoch": one.epoch, "loss": one.loss, **one.metrics} for one in trainer.epochs]
