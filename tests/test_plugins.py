"""Choices of your own: the README's example trains with both backends, in Python and by command; errors are clear."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import minirearec as mr
from minirearec import plugins
from minirearec.errors import ConfigError, PluginError
from minirearec.evaluation.metrics import METRICS, mean_metrics
from minirearec.evaluation.ranking import Ranks
from minirearec.methods import METHODS
from minirearec.nn.backbones.sasrec import encode
from minirearec.parts import id_starts, transformer_starts
from minirearec.reference.backbones.sasrec import encode_keeping, encode_way_back
from minirearec_cli.main import cli
from tests.outside import SHARED, needs
from tests.registered import forget_registered
from tests.small import SMALL, finish

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """Forget afterwards what a test registered."""
    monkeypatch.setattr(plugins, "_loaded", set())
    yield
    forget_registered()


@pytest.fixture
def weighted(tmp_path):
    """Write the README's example to a file."""
    example = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert len(example.splitlines()) <= 30
    path = tmp_path / "weighted.py"
    path.write_text(example)
    return path


@pytest.fixture
def lastfm():
    return needs(SHARED / "data" / "LastFM.txt")


def run(*words):
    return CliRunner().invoke(cli, list(map(str, words)))


def test_the_example_trains_from_python_and_both_backends_agree(weighted, lastfm):
    mr.load_plugin(weighted)
    config = mr.Config.make(method="weighted", steps=2, epochs=2, **{**SMALL, "dropout": 0.0, "input_dropout": 0.0,
                                                                     "batch_positions": 2000, "precision": "float32"})
    trainers = [mr.Trainer(config, mr.load(lastfm), backend=backend) for backend in ("torch", "numpy")]
    losses = [[event.loss for event in finish(trainer) if isinstance(event, mr.EpochDone)] for trainer in trainers]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0][1] < losses[0][0]
    first, second = (trainer.best_weights["step_weights"] for trainer in trainers)
    assert first == pytest.approx(second, abs=1e-4) and np.abs(first).max() > 1e-3, "the step weights are learned"
    for trainer in trainers:
        evaluation = trainer.evaluate()
        assert evaluation.answer == "weighted mean of steps" and 0 < evaluation.metrics()["NDCG@20"] < 1


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_the_example_trains_from_the_command_line(backend, weighted, lastfm, tmp_path):
    small = [word for name, value in SMALL.items() for word in (f"--{name.replace('_', '-')}", value)]
    trained = run("train", "--plugin", weighted, "--method", "weighted", "--dataset", lastfm, "--epochs", 1,
                  "--backend", backend, "--out", tmp_path / "run", "--quiet", "--json", *small,
                  "--batch-positions", 2000)
    assert trained.exit_code == 0, trained.output
    results = json.loads(trained.stdout)
    assert results["method"] == "weighted" and results["test"]["answer"] == "weighted mean of steps"
    evaluated = run("evaluate", tmp_path / "run", "--plugin", weighted, "--json")
    assert json.loads(evaluated.stdout)["test"] == results["test"]
    found = run("recommend", tmp_path / "run", "--plugin", weighted, "--history", "1,2", "-k", 3, "--json")
    assert json.loads(found.stdout)["recommendations"][-1]["row"] == "weighted mean of steps"
    assert "weighted  erl with a learned weight" in run("train", "--plugin", weighted, "--help").stdout


def test_a_run_of_an_unknown_method_says_how_to_open_it(weighted, data, tmp_path):
    mr.load_plugin(weighted)
    finish(mr.Trainer(mr.Config.make(method="weighted", epochs=1, **SMALL), data, out=tmp_path / "run"))
    forget_registered()
    refused = run("recommend", tmp_path / "run", "--history", "1,2")
    assert refused.exit_code == 2 and "unknown value 'weighted'" in refused.output and "--plugin" in refused.output


def test_a_backbone_an_item_encoder_and_a_metric_of_ones_own(data):
    """Copies of the library's under other names train the same model; a metric appears beside the others."""
    mr.register(mr.Backbone("mine", "a copy", transformer_starts), torch=encode,
                numpy=(encode_keeping, encode_way_back))

    def halved(weights, drop=None):
        return weights["item_embedding"] / 2

    mr.register(mr.ItemEncoder("halved", "half of the id table", id_starts), torch=halved,
                numpy=(halved, lambda grad, weights, drop=None: {"item_embedding": grad / 2}))
    mr.register(mr.Metric("First", lambda ranks: (ranks == 1).astype(float)))
    assert mean_metrics(Ranks(np.array([0, 3]), np.array([0, 0])))["First@5"] == 0.5
    losses = {}
    for backbone, items in (("sasrec", "id"), ("mine", "id"), ("mine", "halved")):
        for backend in ("torch", "numpy"):
            config = mr.Config.make(method="erl", epochs=1, backbone=backbone, items=items, **SMALL, dropout=0.0,
                                    input_dropout=0.0)
            _, epoch, _ = finish(mr.Trainer(config, data, backend=backend))
            losses[backbone, items, backend] = epoch.loss
            assert "First@10" in epoch.metrics
    assert losses["mine", "id", "torch"] == losses["sasrec", "id", "torch"]
    assert losses["mine", "halved", "torch"] == pytest.approx(losses["mine", "halved", "numpy"], rel=1e-5)
    assert losses["mine", "halved", "torch"] != losses["mine", "id", "torch"]


def test_a_choice_for_one_backend_says_that_the_other_is_missing(data):
    mr.register(mr.Method("torch-only", "nothing"), torch=mr.Objective(lambda positions, settings: torch.zeros(())))
    mr.Trainer(mr.Config.make(method="torch-only"), data)
    with pytest.raises(ConfigError, match="'torch-only' has no objective in NumPy"):
        mr.Trainer(mr.Config.make(method="torch-only"), data, backend="numpy")


def test_a_method_may_use_a_loss_that_is_there(data):
    mr.register(mr.Method("one-step", "rpe with a single step", objective="last_step", defaults={"steps": 1}))
    assert mr.Config.make(method="one-step").model.steps == 1
    assert len(finish(mr.Trainer(mr.Config.make(method="one-step", epochs=1, **SMALL), data))) == 3


def test_what_the_library_has_is_not_replaced_and_nonsense_is_refused():
    with pytest.raises(ConfigError, match="the library has its own method 'erl'"):
        mr.register(mr.Method("erl", "mine"))
    with pytest.raises(PluginError, match="str cannot be registered"):
        mr.register("erl")


@pytest.mark.parametrize("name", ["HitRate", "coverage", "ndcg", "", "a@b", "a,b", "a b"])
def test_a_metric_that_could_not_be_asked_for_is_refused(name):
    with pytest.raises(ConfigError, match="the library has its own metric|a metric cannot be called"):
        mr.register(mr.Metric(name, np.ones_like))
    assert name not in METRICS


def test_an_answer_needs_a_name_for_its_row():
    objective = mr.Objective(lambda positions, settings: 0, lambda states, weights: states.mean(-2))
    with pytest.raises(PluginError, match="has an answer, and no name for its row.*combined="):
        mr.register(mr.Method("nameless", "the mean"), torch=objective)
    assert "nameless" not in METHODS


def test_a_part_that_a_backend_lacks_is_refused_before_a_run_is_made(data, tmp_path):
    mr.register(mr.Reasoner("half", "in PyTorch alone"), torch=print)
    config = mr.Config.make(reasoner="half", **SMALL)
    with pytest.raises(ConfigError, match="'half' has no reasoner in NumPy"):
        mr.Trainer(config, data, out=tmp_path / "run", backend="numpy")
    assert not (tmp_path / "run").exists()
    mr.Trainer(config.replaced(steps=0), data, backend="numpy")


def test_functions_of_another_form_are_refused_and_nothing_is_registered():
    def encode_alone(weights, items, heads, drop=None):
        raise AssertionError

    with pytest.raises(PluginError, match="the method 'bare' needs an Objective. Give torch=Objective"):
        mr.register(mr.Method("bare", "a loss alone"), torch=encode_alone)
    with pytest.raises(PluginError, match=r"not a pair of functions. Give numpy=\(encode_keeping, encode_way_back\)"):
        mr.register(mr.Backbone("alone", "without a way back", transformer_starts), torch=encode, numpy=encode_alone)
    with pytest.raises(PluginError, match=r"Give numpy=\(item_table, item_table_backward\)"):
        mr.register(mr.ItemEncoder("alone", "without a way back", id_starts), numpy=(encode_alone,))
    for settings in ({"method": "bare"}, {"backbone": "alone"}, {"items": "alone"}):
        with pytest.raises(ConfigError, match="unknown"):
            mr.Config.make(**settings)


@pytest.mark.parametrize("content, message", [
    (None, "no such file"), ("import nothing_of_this_name", "bad.py:1: ModuleNotFoundError"),
    ("x = 1\n\nx.missing", "bad.py:3: AttributeError"), ("def broken(:\n", "bad.py:1: SyntaxError"),
    ("import minirearec as mr\nmr.register(mr.Method('prl', 'mine'))", "the library has its own method 'prl'")])
def test_a_plugin_that_fails_is_one_message(content, message, tmp_path):
    path = tmp_path / "bad.py"
    if content is not None:
        path.write_text(content)
    result = run("train", "--plugin", path, "--dataset", "beauty")
    assert result.exit_code == 2 and message in result.output and "Traceback" not in result.output


def test_a_plugin_is_loaded_once(tmp_path):
    path = tmp_path / "counting.py"
    path.write_text("import builtins\nbuiltins.times_loaded = getattr(builtins, 'times_loaded', 0) + 1\n")
    import builtins

    try:
        for _ in range(2):
            mr.load_plugin(path)
        assert builtins.times_loaded == 1
    finally:
        del builtins.times_loaded


def test_a_plugin_may_hold_dataclasses(tmp_path):
    (tmp_path / "with_dataclass.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Own:\n    number: int = 1\n")
    mr.load_plugin(tmp_path / "with_dataclass.py")


def test_a_plugin_that_exits_fails_as_others_do(tmp_path):
    (tmp_path / "leaves.py").write_text("import sys\n\nsys.exit(0)\n")
    with pytest.raises(PluginError, match="leaves.py:3: SystemExit: 0"):
        mr.load_plugin(tmp_path / "leaves.py")
