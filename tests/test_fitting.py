"""A fitting trains every position of its split once an epoch, and continues anywhere inside one."""

import numpy as np
import pytest

from minirearec.config import SAMPLES, Config
from minirearec.data.splits import make_split, with_validation
from minirearec.errors import EvaluationError, RunError
from minirearec.fitting import Fitting
from minirearec.runs.checkpoint import Checkpoint
from tests.small import SMALL


def fitting(split, **settings) -> Fitting:
    return Fitting(Config.make(method="base", **{**SMALL, **settings}), split, backend="torch", device="cpu",
                   features=None)


@pytest.mark.parametrize("refit, samples", [(False, "windows"), (True, "windows"), (True, "prefixes")])
def test_an_epoch_has_all_positions_of_the_split(refit, samples, data):
    split = with_validation(make_split(data)) if refit else make_split(data)
    one = fitting(split, samples=samples)
    *_, last = one.epoch(1)
    assert last.positions == one.inside.positions == one.windows.positions == split.positions
    assert one.end_epoch() == last.loss and one.inside.batches == 0


def test_it_continues_inside_an_epoch_exactly(data):
    split = make_split(data)
    whole, stopped, resumed = (fitting(split) for _ in range(3))
    losses = [event.loss for event in whole.epoch(3)]
    events = stopped.epoch(3)
    first = [next(events).loss for _ in range(2)]
    learner = stopped.learner
    resumed.restore(Checkpoint([], learner.weights(), learner.moments(), stopped.inside, learner.random_state()), 3)
    assert first + [event.loss for event in resumed.epoch(3)] == losses
    ours, theirs = resumed.learner.weights(), whole.learner.weights()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_a_checkpoint_of_another_model_is_refused(data):
    split = make_split(data)
    wide = fitting(split, width=8).learner
    with pytest.raises(RunError, match="last.safetensors.*item_embedding has shape"):
        fitting(split).restore(Checkpoint([], wide.weights(), wide.moments()), 1)


def test_a_diverged_model_is_an_error(data):
    one = fitting(make_split(data))
    one.learner.load_weights({name: value * 1e30 for name, value in one.learner.weights().items()})
    with pytest.raises(EvaluationError, match="the loss of epoch 1 is (nan|inf).*--learning-rate"):
        list(one.epoch(1))


@pytest.mark.parametrize("positions, same", [("absolute", True), ("relative", True), ("recency", False)])
def test_prefixes_of_their_own_differ_where_the_end_counts(positions, same, data):
    """Without dropout they are the same samples, unless positions count from the newest item of a row."""
    exact = {"positions": positions, "dropout": 0.0, "input_dropout": 0.0, "batch_positions": 10**6,
             "precision": "float32", "initial_std": 0.3}
    losses = [next(fitting(make_split(data), samples=samples, **exact).epoch(1)).loss for samples in SAMPLES]
    assert (losses[0] == pytest.approx(losses[1], rel=1e-5)) == same
