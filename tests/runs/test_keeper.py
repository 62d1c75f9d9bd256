"""What a run keeps while it trains survives any crash, and whatever cannot be trained further is not overwritten."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import BatchDone
from minirearec.runs.checkpoint import Checkpoint, Inside
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.training import Trainer
from tests.small import SMALL, finish, without_time


def contents(path):
    return {file.name: file.read_bytes() for file in path.iterdir() if file.name != "lock"}


@pytest.mark.parametrize("backend", ["torch", "numpy"])
@pytest.mark.parametrize("method, backbone, more", [
    ("base", "sasrec", {}), ("erl", "sasrec", {}), ("prl", "sasrec", {}), ("prl", "bert4rec", {}),
    ("erl", "sasrec", {"average": 0.9, "schedule": "cosine", "schedule_epochs": 3, "warmup_steps": 20}),
    ("erl", "sasrec", {"samples": "prefixes", "positions": "recency"})])
def test_a_run_is_resumed_inside_an_epoch_exactly(method, backbone, more, backend, data, tmp_path):
    config = Config.make(method=method, backbone=backbone, epochs=3, **more, **SMALL)
    whole = Trainer(config, data, backend=backend)
    finish(whole)
    trainer = Trainer(config, data, backend=backend, out=tmp_path / "run", save_every=0)
    events = trainer.train()
    for epoch, batches in ((1, 2), (2, 1), (3, 1), (3, 4)):  # stopped four times, once before the warm-up's end
        while (len(trainer.epochs), trainer.inside.batches) != (epoch - 1, batches):
            event = next(events)
        events.close()
        trainer = Trainer.resume(Run.open(tmp_path / "run"), data, save_every=0)
        assert (len(trainer.epochs), trainer.inside.batches) == (epoch - 1, batches)
        events = trainer.train()
        started = next(events)
        assert started.done == event.positions and started.epoch == epoch - 1 and started.seconds > 0
    list(events)
    assert without_time(trainer.epochs) == without_time(whole.epochs)
    ours, theirs = trainer.learner.weights(), whole.learner.weights()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def place(trainer) -> tuple[int, int, int]:
    """Return the finished epochs of both phases (-1: the second has not begun) and the batches of the current one."""
    refitted = -1 if trainer.refitted is None else len(trainer.refitted)
    return len(trainer.epochs), refitted, trainer.inside.batches


@pytest.mark.parametrize("backend", ["torch", "numpy"])
@pytest.mark.parametrize("more", [{}, {"loss": "sampled", "negatives": 20}, {"average": 0.5, "warmup_steps": 20}])
def test_a_refit_is_resumed_in_either_phase_exactly(more, backend, data, tmp_path):
    """Sampled losses draw by popularity, which the validation targets change."""
    config = Config.make(method="base", epochs=3, refit=True, **more, **SMALL)
    whole = Trainer(config, data, backend=backend)
    finish(whole)
    best = whole.best.epoch
    assert best > 1, "otherwise the refit has no epoch after the first"
    trainer = Trainer(config, data, backend=backend, out=tmp_path / "run", save_every=0)
    events = trainer.train()
    for stop in ((1, -1, 2), (3, -1, 0), (3, 0, 0), (3, 0, 1), (3, 1, 0), (3, best - 1, 3), (3, best, 0)):
        while place(trainer) != stop:
            next(events)
        events.close()
        trainer = Trainer.resume(Run.open(tmp_path / "run"), data, save_every=0)
        assert place(trainer) == stop
        events = trainer.train()
    list(events)
    assert without_time(trainer.epochs) == without_time(whole.epochs)
    assert without_time(trainer.refitted) == without_time(whole.refitted)
    ours, theirs = load_scorer(trainer.run).engine.weights(), whole.learner.weights()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert trainer.evaluate().to_dict() == whole.evaluate().to_dict()


def test_a_crash_before_the_last_file_of_a_refit_is_mended(data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, refit=True, **SMALL), data, out=tmp_path / "run")
    finish(trainer)
    weights, facts = trainer.run.load_tensors("refit")
    (tmp_path / "run" / "refit.safetensors").unlink()
    with pytest.raises(RunError, match="refit.safetensors is missing: the refit has not finished.*--resume"):
        load_scorer(trainer.run)
    assert load_scorer(trainer.run, part="valid")
    Trainer.resume(trainer.run, data)
    again, facts_again = trainer.run.load_tensors("refit")
    assert facts_again == facts and all(np.array_equal(again[name], weights[name]) for name in weights)


def test_checkpoints_inside_an_epoch_are_rare(data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    for event in trainer.train():
        if isinstance(event, BatchDone):
            assert trainer.keeper.saved == (0, 0), "60 seconds have not passed"
    assert trainer.keeper.saved == (1, 0)


@pytest.mark.parametrize("takes, rest", [(0, 60), (3, 60), (30, 600)])
def test_checkpoints_that_take_long_are_written_less_often(takes, rest, data, tmp_path, monkeypatch):
    now = [0]
    monkeypatch.setattr("minirearec.runs.keeper.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Checkpoint, "save", lambda checkpoint, run: now.append(now.pop() + takes))
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    trainer.keeper.save(Checkpoint([], trainer.learner.weights(), trainer.learner.moments(), Inside(batches=1)))
    now[0] += rest - 1
    assert not trainer.keeper.due
    now[0] += 1
    assert trainer.keeper.due


@pytest.mark.parametrize("lost", ["best.safetensors", "metrics.jsonl"])
def test_a_crash_between_the_files_of_an_epoch_is_mended(lost, data, tmp_path):
    """The checkpoint is written first, and the others follow from it."""
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    finish(trainer)
    run, metrics = trainer.run, (tmp_path / "run" / "metrics.jsonl").read_bytes()
    best, facts = run.load_tensors("best")
    (tmp_path / "run" / lost).unlink()
    resumed = Trainer.resume(run, data)
    again, facts_again = run.load_tensors("best")
    assert facts_again == facts and all(np.array_equal(again[name], best[name]) for name in best)
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == metrics
    finish(resumed)
    assert resumed.evaluate().to_dict() == trainer.evaluate().to_dict()


def test_best_weights_of_another_epoch_are_refused(data, tmp_path):
    trainer = Trainer(Config.make(epochs=2, **SMALL), data, out=tmp_path / "run", save_every=0)
    events = trainer.train()
    while trainer.keeper.saved[0] != 1 or not trainer.inside.batches:
        next(events)
    events.close()
    trainer.run.save_tensors("best", trainer.learner.weights(), {"epoch": 2})
    with pytest.raises(RunError, match="best.safetensors: is from epoch 2, but last.safetensors says that epoch 1 is"):
        Trainer.resume(Run.open(tmp_path / "run"), data)


@pytest.mark.parametrize("epoch, message", [
    (0, "holds an imported model, which has no training to resume"),
    (3, "last.safetensors is missing, so training cannot be resumed. best.safetensors still evaluates")])
def test_weights_alone_are_never_trained_over(epoch, message, data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    trainer.run.save_tensors("best", trainer.learner.weights(), {"epoch": epoch})
    trainer.keeper.unlock()
    before = contents(tmp_path / "run")
    with pytest.raises(RunError, match=message):
        Trainer.resume(Run.open(tmp_path / "run"), data)
    assert contents(tmp_path / "run") == before


def test_tensors_of_another_run_are_refused(data, tmp_path):
    for seed in (0, 1):
        finish(Trainer(Config.make(epochs=1, seed=seed, **SMALL), data, out=tmp_path / str(seed)))
    for name in ("best", "last"):
        shutil.copy(tmp_path / "1" / f"{name}.safetensors", tmp_path / "0")
        with pytest.raises(RunError, match=f"{name}.safetensors: belongs to another run"):
            Run.open(tmp_path / "0").load_tensors(name)


def test_a_run_is_locked_while_it_trains(data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    with pytest.raises(RunError, match="another process trains this run"):
        Trainer.resume(trainer.run, data)
    finish(trainer)
    assert Checkpoint.load(trainer.run).epochs == Trainer.resume(trainer.run, data).epochs


def test_a_resumed_epoch_counts_the_seconds_before_its_interruption(data, tmp_path):
    events = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run", save_every=0).train()
    for _ in range(3):
        next(events)
    events.close()
    resumed = Trainer.resume(Run.open(tmp_path / "run"), data)
    resumed.fitting.inside = replace(resumed.inside, seconds=1000.0)
    assert finish(resumed)[1].seconds > 1000


def test_an_epoch_whose_checkpoint_was_not_written_leaves_no_other_file(data, tmp_path, monkeypatch):
    trainer = Trainer(Config.make(epochs=2, **SMALL), data, out=tmp_path / "run", save_every=0)
    real = Checkpoint.save
    monkeypatch.setattr(Checkpoint, "save", lambda checkpoint, run: real(checkpoint, run) if len(checkpoint.epochs) < 2
                        else pytest.fail("killed"))
    with pytest.raises(pytest.fail.Exception):
        finish(trainer)
    assert trainer.run.load_tensors("best")[1]["epoch"] == len(trainer.run.read_metrics()) == 1
    monkeypatch.undo()
    assert len(Trainer.resume(trainer.run, data).epochs) == 1


@pytest.mark.parametrize("name", ["last", "best"])
def test_what_was_not_written_is_written_before_training_continues(name, data, tmp_path, monkeypatch):
    """As in a notebook: an interruption while the best epoch is saved, and then the same trainer continues."""
    config = Config.make(method="base", epochs=6, **SMALL)
    whole = Trainer(config, data)
    finish(whole)
    trainer, save, best = Trainer(config, data, out=tmp_path / "run"), Run.save_tensors, whole.best.epoch
    with monkeypatch.context() as patched:
        patched.setattr(Run, "save_tensors", lambda run, file, tensors, facts: pytest.fail("interrupted") if
                        (file, facts["epoch"]) == (name, best) else save(run, file, tensors, facts))
        with pytest.raises(pytest.fail.Exception):
            finish(trainer)
    finish(trainer)
    assert without_time(trainer.epochs) == without_time(whole.epochs)
    assert load_scorer(trainer.run).engine.weights().keys() == whole.learner.weights().keys()
    kept = trainer.run.load_tensors("best")
    assert kept[1]["epoch"] == best
    assert all(np.array_equal(kept[0][key], value) for key, value in whole.best_weights.items())


def test_a_training_that_ends_late_does_not_unlock_the_run_of_the_next(data, tmp_path):
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    first, second = trainer.train(), trainer.train()
    next(first), next(second)
    first.close()
    assert trainer.keeper.locked
    second.close()
    assert not trainer.keeper.locked
