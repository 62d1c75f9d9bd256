"""A run directory: what is in it, and what it says when something is missing, damaged or in the way."""

import json
from dataclasses import replace

import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.runs.seal import Seal
from minirearec.training import EpochDone, Trainer
from tests.small import SMALL, finish


def test_a_run_directory_holds_what_it_says(data, tmp_path):
    trainer = Trainer(Config.make(epochs=2, seed=3, **SMALL), data, out=tmp_path / "run", command="minirearec train")
    finish(trainer)
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"config.toml", "env.json", "metrics.jsonl", "items.json", "best.safetensors", "last.safetensors",
                     "lock"}
    run = Run.open(tmp_path / "run")
    assert run.config == trainer.config and run.data.sha256 == data.sha256 and run.data.synthetic
    assert [epoch.epoch for epoch in run.read_metrics()] == [1, 2]
    env = json.loads((tmp_path / "run" / "env.json").read_text())
    assert env["seed"] == 3 and env["data_sha256"] == data.sha256 and env["command"] == "minirearec train"
    assert env["versions"]["torch"] and env["cores"] >= 1
    with pytest.raises(RunError, match="this directory already holds a run.*--resume"):
        Trainer(trainer.config, data, out=tmp_path / "run")


def test_a_full_disk_loses_nothing(data, tmp_path, monkeypatch):
    trainer = Trainer(Config.make(epochs=3, **SMALL), data, out=tmp_path / "run")
    events = trainer.train()
    while not isinstance(next(events), EpochDone):
        pass
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RunError, match="cannot write this file .No space left on device.*--resume"):
        list(events)
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    monkeypatch.undo()
    finish(Trainer.resume(Run.open(tmp_path / "run"), data))


@pytest.mark.parametrize("name, damage, message", [
    ("config.toml", lambda text: text.replace(b"format = 1", b"format = 99"), "format 99, but this version reads 1"),
    ("config.toml", lambda text: text[:40] + b"\xff", "not readable as TOML"),
    ("config.toml", lambda text: text.replace(b"[training]", b"[trainings]"), "incomplete"),
    ("config.toml", lambda text: text.replace(b"\nwidth = 16", b"\nwidth = 0"), "--width: 0 is out of range"),
    ("config.toml", lambda text: text.replace(b"width = 16", b"width = 18"), "config.toml was changed after"),
    ("config.toml", None, "config.toml is missing"),
    ("best.safetensors", None, "best.safetensors is missing"),
    ("best.safetensors", lambda content: content[:100], "not readable as safetensors"),
])
def test_a_damaged_run_says_what_is_wrong(name, damage, message, data, tmp_path):
    finish(Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run"))
    path = tmp_path / "run" / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RunError, match=message):
        load_scorer(Run.open(tmp_path / "run"))


def test_a_finished_run_without_its_weights_is_damaged(data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    finish(trainer)
    trainer.run.write_results(trainer.results(trainer.evaluate("test")))
    (tmp_path / "run" / "best.safetensors").unlink()
    with pytest.raises(RunError, match="best.safetensors is missing: the run is damaged. Train again"):
        Run.open(tmp_path / "run").load_tensors("best")


def test_a_missing_run_and_an_unwritable_place(data, tmp_path):
    with pytest.raises(RunError, match="no such run directory"):
        Run.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot make this directory"):
        Trainer(Config.make(**SMALL), data, out=tmp_path / "file" / "run")


@pytest.mark.parametrize("line", [
    '{"epoch": 1}', "[]", '{"epoch": 1, "loss": 1, "metrics": {}, "seconds": 1, "best": 1}'])
def test_a_line_of_metrics_with_other_fields_is_named(line, data, tmp_path):
    finish(Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run"))
    with open(tmp_path / "run" / "metrics.jsonl", "a") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match="jsonl: epoch 2 does not hold exactly best_epoch, epoch, loss, metrics, sec"):
        Run.open(tmp_path / "run").read_metrics()


@pytest.mark.parametrize("content", [
    "", "[]", '{"ids": 3}', '{"ids": [1, 2], "titles": null}', '{"ids": [%s], "titles": null}'])
def test_damaged_items_are_named(content, data, tmp_path):
    run = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run").run
    (tmp_path / "run" / "items.json").write_text(content.replace("%s", ", ".join(["null"] * data.n_items)))
    with pytest.raises(RunError, match="items.json: was changed after it was written"):
        run.read_items()
    with pytest.raises(RunError, match="items.json.*(not JSON|does not hold the ids and titles of 80 items)"):
        replace(run, seal=Seal()).read_items()
