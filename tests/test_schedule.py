"""The learning rate and the decay of averages change from step to step as the equations say, in both backends."""

import numpy as np
import pytest

from minirearec.backends import BACKENDS
from minirearec.config import SCHEDULES, Config, TrainingConfig
from minirearec.data.batching import iterate, training_windows
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.schedule import SHARES, decay, learning_rate
from minirearec.training import Trainer
from tests.small import SMALL, finish

EXACT = {**SMALL, "dropout": 0.0, "input_dropout": 0.0, "precision": "float32", "method": "base"}


@pytest.mark.parametrize("schedule, shares", [("constant", (1, 1, 1)), ("linear", (0.9, 0.5, 0)),
                                              ("cosine", ((1 + np.cos(np.pi / 10)) / 2, 0.5, 0))])
def test_the_rate_falls_over_the_scheduled_epochs(schedule, shares):
    settings = TrainingConfig(learning_rate=0.5, schedule=schedule, schedule_epochs=20)
    rates = [learning_rate(settings, 1000, done) for done in (2, 10, 20)]
    assert rates == pytest.approx([0.5 * share for share in shares])
    assert tuple(SHARES) == SCHEDULES


def test_the_rate_rises_over_the_steps_of_the_warm_up():
    settings = TrainingConfig(learning_rate=0.5, warmup_steps=4)
    assert [learning_rate(settings, step, 0.0) for step in (1, 2, 3, 4, 5)] == [0.125, 0.25, 0.375, 0.5, 0.5]
    both = TrainingConfig(learning_rate=0.5, warmup_steps=4, schedule="linear", schedule_epochs=2)
    assert learning_rate(both, 2, 0.5) == 0.5 * 0.75 / 2


def test_the_decay_rises_to_its_setting():
    settings = TrainingConfig(average=0.9)
    assert [decay(settings, step) for step in (1, 8, 80, 800)] == [2 / 11, 0.5, 0.9, 0.9]


def batches_of(data, config):
    split = make_split(data)
    windows = training_windows(split.train_items, split.train_offsets, config.model.max_length)
    return list(iterate(windows, config.training.batch_positions, np.random.default_rng(0)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss", ["full", "sampled"])
def test_a_model_answers_with_the_mean_and_trains_on(loss, backend, data):
    """The trained weights are those of a run without averages, and the averages are their mean, computed by hand."""
    config = Config.make(loss=loss, negatives=20, **EXACT)
    plain, averaged = (make_learner(config.replaced(average=rate), data.n_items, backend, "cpu") for rate in (0, 0.6))
    mean, batches = plain.weights(), batches_of(data, config)
    for learner in (plain, averaged):
        learner.start_epoch(1)
    for step, batch in enumerate(batches, 1):
        assert plain.train_batch(batch) == averaged.train_batch(batch)
        rate = min(0.6, (1 + step) / (10 + step))
        mean = {name: rate * value + (1 - rate) * plain.weights()[name] for name, value in mean.items()}
    trained = {name.removeprefix("trained."): value for name, value in averaged.moments().items() if "trained" in name}
    assert all(np.array_equal(trained[name], value) for name, value in plain.weights().items())
    for name, value in averaged.weights().items():
        assert value == pytest.approx(mean[name], abs=1e-6)
    other = make_learner(config, data.n_items, backend, "cpu")
    other.load_weights(averaged.weights())
    items, lengths = batches[0].items, np.full(len(batches[0].items), batches[0].items.shape[1])
    ours, theirs = (learner.scores(learner.answer(learner.states(items, lengths)[:, -1:]))
                    for learner in (averaged, other))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("backend", BACKENDS)
def test_loaded_weights_are_averaged_and_trained_alike(backend, data):
    learner = make_learner(Config.make(average=0.9, **EXACT), data.n_items, backend, "cpu")
    loaded = {name: value + 1 for name, value in learner.weights().items()}
    learner.load_weights(loaded)
    for found in (learner.weights(), learner.moments()):
        assert all(np.array_equal(found[name], loaded[name.removeprefix("trained.")]) for name in found
                   if name.removeprefix("trained.") in loaded)


def test_both_backends_train_the_same_with_every_lever(data):
    config = Config.make(epochs=2, average=0.8, warmup_steps=5, schedule="cosine", schedule_epochs=3, first_items=True,
                         positions="recency", scores="cosine", temperature=0.1, **EXACT)
    torch, numpy = (Trainer(config, data, backend=backend) for backend in BACKENDS)
    for trainer in (torch, numpy):
        finish(trainer)
    assert [epoch.loss for epoch in torch.epochs] == pytest.approx([epoch.loss for epoch in numpy.epochs], rel=1e-4)
    for name, value in torch.learner.weights().items():
        assert value == pytest.approx(numpy.learner.weights()[name], abs=1e-3)


def test_a_schedule_slows_the_training_down_and_ends_it(data):
    constant, falling = (Trainer(Config.make(epochs=9, schedule=one, schedule_epochs=2, **EXACT), data)
                         for one in ("constant", "linear"))
    finish(constant)
    started, *_, finished = finish(falling)
    assert (started.epochs, finished.epochs) == (2, 2)
    assert finished.reason == "2 epochs, where the schedule ends"
    assert falling.epochs[1].loss != constant.epochs[1].loss
