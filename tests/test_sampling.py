"""Negatives: they follow from seed and step, chances and corrections agree, and the losses' bias is as stated."""

import numpy as np
import pytest
import torch

from minirearec.config import Config, ObjectiveConfig
from minirearec.data.batching import iterate, training_windows
from minirearec.data.splits import leave_one_out
from minirearec.engine import make_learner
from minirearec.nn import sampled as in_torch
from minirearec.nn.sampled import gbce, sampled_softmax
from minirearec.reference import sampled as in_numpy
from minirearec.reference.sampled import sampled_value_and_grad
from minirearec.sampling import Negatives, Sampler, draw_reasoning_steps, find_seen, gbce_power, make_sampler
from minirearec.training import Trainer
from tests.small import SMALL, finish

POPULARITY = np.array([0, 1, 3, 90, 6])
BACKENDS = ("torch", "numpy")


def sampler(negatives=3, **settings):
    return Sampler(ObjectiveConfig(loss="sampled", negatives=negatives, **settings), POPULARITY, seed=4)


def test_a_random_number_of_reasoning_steps_follows_from_seed_and_step():
    config = Config.make(method="naive", steps=3, random_steps=True)
    drawn = np.array([draw_reasoning_steps(config, step) for step in range(3000)])
    assert drawn.min() == 1 and drawn.max() == 9 and drawn.mean() == pytest.approx(3, abs=0.1)
    assert drawn[:50].tolist() == [draw_reasoning_steps(config, step) for step in range(50)]
    assert drawn[:50].tolist() != [draw_reasoning_steps(config.replaced(seed=1), step) for step in range(50)]
    for same in ({"random_steps": False}, {"steps": 0}, {"steps": 1}):
        assert {draw_reasoning_steps(config.replaced(**same), step) for step in range(9)} == {
            config.replaced(**same).model.steps}
    for most, other in ((3, {"method": "rpe"}), (9, {"method": "rpe", "reasoner": "lares"})):
        assert max(draw_reasoning_steps(config.replaced(**other), step) for step in range(3000)) == most


def test_a_step_repeats_its_negatives_and_another_step_draws_others():
    first = sampler()
    assert np.array_equal(first.draw(7).items, sampler().draw(7).items)
    assert len({tuple(first.draw(step).items) for step in range(20)}) > 1


@pytest.mark.parametrize("by, chances", [("popularity", (POPULARITY + 1) / 105), ("uniform", np.full(5, 0.2))])
def test_items_are_drawn_as_often_as_their_correction_says(by, chances):
    own = sampler(negatives_by=by)
    draws = [own.draw(step) for step in range(3000)]
    counts = np.bincount(np.concatenate([draw.items for draw in draws]), minlength=5) / len(draws)
    assert counts == pytest.approx(3 * chances, abs=0.06)
    for draw in draws[:20]:
        assert draw.log_counts == pytest.approx(np.log(3 * chances[draw.items]))


@pytest.mark.parametrize("settings", [{}, {"negatives_by": "uniform"}, {"loss": "gbce"}, {"negatives": 5}])
def test_an_item_that_training_has_not_seen_is_not_drawn_when_seen_items_are_contrasted(settings):
    own = Sampler(ObjectiveConfig(**{"loss": "sampled", "negatives": 3, "contrast": "seen", **settings}), POPULARITY, 4)
    drawn = np.concatenate([own.draw(step).items for step in range(200)])
    assert set(drawn.tolist()) == {1, 2, 3, 4}
    assert own.chances.sum() == pytest.approx(1)


def test_the_full_loss_contrasts_all_items_or_those_that_training_has_seen():
    seen = find_seen(Config.make(contrast="seen"), POPULARITY)
    assert seen.items.tolist() == [1, 2, 3, 4] and seen.places[1:].tolist() == [0, 1, 2, 3]
    for settings, counts in (({}, POPULARITY), ({"contrast": "seen"}, POPULARITY + 1), ({"contrast": "seen"}, None),
                             ({"contrast": "seen", "loss": "sampled"}, POPULARITY)):
        assert find_seen(Config.make(**settings), counts) is None


@pytest.mark.parametrize("negatives", [5, 6])
def test_no_fewer_negatives_than_items_are_all_items(negatives):
    drawn = sampler(negatives).draw(0)
    assert drawn.items.tolist() == [0, 1, 2, 3, 4] and not drawn.log_counts.any()


def test_beta_runs_from_plain_cross_entropy_to_the_sampling_rate():
    assert gbce_power(10, 101, 0.0) == pytest.approx(1.0)
    assert gbce_power(10, 101, 1.0) == pytest.approx(0.1)
    assert gbce_power(10, 101, 0.75) == pytest.approx(0.325)
    assert gbce_power(101, 101, 0.75) == pytest.approx(1.0), "every item is there: nothing to make up for"
    own = Sampler(ObjectiveConfig(loss="gbce", negatives=2, gbce_t=1.0), POPULARITY, 0)
    assert own.draw(0).beta == pytest.approx(0.5) and own.chances == pytest.approx(0.2), "uniform, whatever is popular"
    assert make_sampler(Config.make(), 5, POPULARITY) is None


def test_the_bias_of_value_and_gradient_shrinks_with_the_number_of_negatives():
    """Over 3,000 draws: the mean loss lies below the full loss, and both gaps fall like 1/N, here by four times."""
    rng = np.random.default_rng(1)
    states, table, targets = rng.standard_normal((6, 3)), rng.standard_normal((60, 3)), np.arange(6)
    popularity = rng.integers(1, 9, 60)
    full, expected, _ = sampled_value_and_grad(states, table, targets, 1.5, Negatives(np.arange(60), np.zeros(60)))
    gaps = {}
    for N in (8, 32):
        own = Sampler(ObjectiveConfig(loss="sampled", negatives=N), popularity, seed=2)
        found = [sampled_value_and_grad(states, table, targets, 1.5, own.draw(step)) for step in range(3000)]
        below = full - np.mean([value for value, *_ in found])
        gaps[N] = below, np.linalg.norm(np.mean([gradient for _, gradient, _ in found], 0) - expected)
    for few, many in zip(gaps[8], gaps[32], strict=True):
        assert 2.5 < few / many < 6


@pytest.mark.parametrize("loss", [sampled_softmax, gbce])
def test_a_negative_that_is_the_target_changes_nothing(loss):
    states, table = torch.randn(2, 3), torch.randn(9, 3)
    targets, drawn = torch.tensor([4, 4]), np.array([1, 4, 8])
    beta = 0.5 if loss is gbce else None
    without, with_hit = (loss(states, table, targets, 1.0, Negatives(items, np.zeros(len(items)), beta))
                         for items in (np.delete(drawn, 1), drawn))
    candidates = {sampled_softmax: (1, 1), gbce: (3, 4)}[loss]  # gBCE is a mean over N + 1 candidates
    assert float(candidates[0] * without) == pytest.approx(float(candidates[1] * with_hit), rel=1e-6)


def batches(data, count):
    """Return the first batches of an epoch."""
    split = leave_one_out(data)
    windows = training_windows(split.train_items, split.train_offsets, 50)
    return list(iterate(windows, 200, np.random.default_rng(0)))[:count]


@pytest.mark.parametrize("settings", [
    {"method": "base", "loss": "sampled"}, {"method": "erl", "loss": "sampled", "kl_weight": 0.1},
    {"method": "prl", "loss": "gbce", "noise": 0.0}], ids=lambda settings: settings["method"])
def test_the_backends_train_in_lockstep(settings, data):
    config = Config.make(**{**SMALL, "precision": "float32", "negatives": 30, "dropout": 0.0, "input_dropout": 0.0,
                            "warmup_epochs": 0, **settings})
    learners = [make_learner(config, data.n_items, backend, popularity=np.arange(data.n_items))
                for backend in BACKENDS]
    for learner in learners:
        learner.start_epoch(1)
    for batch in batches(data, 6):
        ours, theirs = (learner.train_batch(batch) for learner in learners)
        assert ours == pytest.approx(theirs, rel=1e-4)
    first, second = (learner.weights() for learner in learners)
    assert all(first[name] == pytest.approx(second[name], abs=2e-3) for name in first)


def test_negatives_for_all_items_train_as_the_full_loss_does(data):
    """So the small table of a batch gives the same steps as the whole one, and rows that it does not read decay."""
    config = Config.make(method="base", precision="float32", negatives=data.n_items,
                         **{**SMALL, "dropout": 0.0, "input_dropout": 0.0})
    learners = [make_learner(config.replaced(loss=loss), data.n_items, "torch") for loss in ("full", "sampled")]
    for learner in learners:
        learner.start_epoch(1)
        for batch in batches(data, 6):
            learner.train_batch(batch)
    full, sampled = (learner.weights() for learner in learners)
    assert all(full[name] == pytest.approx(sampled[name], abs=1e-4) for name in full)


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_continues_exactly_from_moments(backend, data):
    """The negatives of a step follow from its number, which the moments hold."""
    config = Config.make(method="base", **SMALL, loss="sampled", negatives=20)
    whole, stopped, resumed = (make_learner(config, data.n_items, backend) for _ in range(3))
    first, second = batches(data, 2)
    for learner in (whole, stopped):
        learner.start_epoch(1)
        learner.train_batch(first)
    resumed.load_weights(stopped.weights())
    resumed.load_moments(stopped.moments())
    for learner in (whole, resumed):
        learner.start_epoch(2)
        learner.train_batch(second)
    assert all(np.array_equal(value, resumed.weights()[name]) for name, value in whole.weights().items())


@pytest.mark.parametrize("loss", ["sampled", "gbce"])
def test_a_sampled_loss_learns(loss, data):
    trainer = Trainer(Config.make(method="erl", epochs=4, loss=loss, negatives=30, **SMALL), data)
    _, first, *_, last, _ = finish(trainer)
    assert last.loss < first.loss
    assert last.metrics["NDCG@20"] > first.metrics["NDCG@20"]


def test_a_method_with_weights_for_each_step_draws_no_more_steps_than_it_has_weights():
    config = Config.make(method="gate", reasoner="lares", steps=2, random_steps=True)
    assert max(draw_reasoning_steps(config, step) for step in range(200)) == 2
    assert max(draw_reasoning_steps(config.replaced(method="erl"), step) for step in range(200)) > 2


@pytest.mark.parametrize("module", [in_torch, in_numpy], ids=BACKENDS)
def test_a_loss_refuses_the_negatives_of_the_other(module):
    for loss, beta in ((module.gbce, None), (module.sampled_softmax, 0.5)):
        with pytest.raises(AssertionError, match="negatives of"):
            loss(None, None, None, 1.0, Negatives(np.array([0]), np.zeros(1), beta))
