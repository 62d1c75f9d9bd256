"""A checkpoint as a value: written, read back, and refused when its file holds something else."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import RefitEpochDone
from minirearec.runs.checkpoint import LAST, Checkpoint, Inside
from minirearec.training import Trainer
from tests.small import SMALL, finish


@pytest.mark.parametrize("refitted", [None, [], [RefitEpochDone(1, 2.5, 0.5)]])
def test_it_comes_back_as_it_was_saved(refitted, data, tmp_path):
    trainer = Trainer(Config.make(epochs=2, **SMALL), data, out=tmp_path / "run")
    assert Checkpoint.load(trainer.run) is None
    finish(trainer)
    inside = Inside(3, 200, 123.5, 0.25)
    random = np.arange(5, dtype=np.uint8)
    saved = Checkpoint(trainer.epochs, trainer.engine.weights(), trainer.engine.moments(), inside, random,
                       refitted)
    saved.save(trainer.run)
    found = Checkpoint.load(trainer.run)
    assert found.epochs == trainer.epochs and found.inside == inside and found.random.tolist() == [0, 1, 2, 3, 4]
    assert found.refitted == refitted and found.finished == (2 if refitted is None else len(refitted))
    for ours, theirs in ((saved.weights, found.weights), (saved.moments, found.moments)):
        assert ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("tensors, facts", [
    ({"weights.a": np.zeros(2)}, {}), ({"weights.a": np.zeros(2)}, {"epoch": "two"}),
    ({"a": np.zeros(2)}, {"epoch": 1}), ({"weights.a": np.zeros(2)}, {"epoch": 0}),
    ({"weights.a": np.zeros(2)}, {"epoch": 1, "inside": {"batches": 2, "positions": 9, "loss": 1.0, "seconds": 1.0}})])
def test_a_file_with_something_else_is_refused(tensors, facts, data, tmp_path):
    run = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run").run
    run.save_tensors(LAST, tensors, facts)
    with pytest.raises(RunError, match="last.safetensors: not a checkpoint of weights and moments"):
        Checkpoint.load(run)


def test_moments_of_another_model_are_named_when_a_run_is_resumed(data, tmp_path):
    trainer = Trainer(Config.make(epochs=2, **SMALL), data, out=tmp_path / "run")
    finish(trainer)
    moments = {**trainer.engine.moments(), "first.item_embedding": np.zeros((3, 16), np.float32)}
    Checkpoint(trainer.epochs, trainer.engine.weights(), moments).save(trainer.run)
    with pytest.raises(RunError, match=r"first.item_embedding has shape \[3, 16\] instead of \[80, 16\].*damaged"):
        Trainer.resume(trainer.run, data)
