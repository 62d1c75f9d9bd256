"""Opening a model for inference draws nothing and makes no optimizer; errors name the misfits and their shapes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from minirearec.config import Config
from minirearec.data.batching import Batch, iterate, training_windows
from minirearec.data.features import Features
from minirearec.data.splits import make_split
from minirearec.engine import make_engine, make_learner, with_features
from minirearec.errors import ConfigError, DataError, RunError
from minirearec.parts import REASONERS
from minirearec.weights import draw, starts_of

CONFIG = Config.make(method="erl", steps=2, width=8, inner_width=8, layers=1)
V = 20
BACKENDS = ("torch", "numpy")


@pytest.fixture
def weights():
    return draw(starts_of(CONFIG, V), 0.3, seed=1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_inference_draws_nothing_and_makes_no_optimizer(backend, weights, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("drawn or made for nothing")

    monkeypatch.setattr(np.random, "default_rng", refuse)
    monkeypatch.setattr(torch.optim.AdamW, "__init__", refuse)
    monkeypatch.setattr("minirearec.reference.engine.start_moments", refuse)
    engine = make_engine(CONFIG, V, weights, backend)
    assert engine.scores(engine.answer(engine.states(np.array([[1, 2]]), np.array([2])))).shape == (1, V)
    with pytest.raises(AssertionError, match="for nothing"):
        make_learner(CONFIG, V, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_engine_shares_the_memory_of_its_weights(backend, weights):
    engine = make_engine(CONFIG, V, weights, backend)
    before = engine.scores(engine.states_of_one(np.array([3]))[:, 0])
    weights["item_embedding"] *= 2
    weights["item_embedding"][3] /= 2  # the history's own item: its state stays
    assert np.delete(engine.scores(engine.states_of_one(np.array([3]))[:, 0]), 3) == pytest.approx(
        np.delete(2 * before, 3), rel=1e-5)


def test_the_backends_agree(weights):
    items, lengths = np.array([[1, 2, 3], [4, 5, 0]]), np.array([3, 2])
    in_torch, in_numpy = (make_engine(CONFIG, V, weights, backend) for backend in BACKENDS)
    ours, theirs = in_numpy.states(items, lengths), in_torch.states(items, lengths)
    assert ours == pytest.approx(theirs.numpy(), abs=1e-5)
    assert in_numpy.answer(ours) == pytest.approx(in_torch.answer(theirs).numpy(), abs=1e-5)
    assert in_numpy.states_of_one(items[1, :2])[0] == pytest.approx(ours[1], abs=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_are_written_into_the_given_memory(backend, weights):
    engine = make_engine(CONFIG, V, weights, backend)
    state = engine.states(np.array([[1, 2]]), np.array([2]))[:, 0]
    fresh, memory = engine.scores(state), np.empty((1, V), np.float32)
    assert engine.scores(state, memory) is memory and np.array_equal(memory, fresh)
    assert not np.shares_memory(engine.scores(state), engine.scores(state))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("change, message", [
    (lambda w: w.update(item_embedding=w["item_embedding"][:7]),
     r"item_embedding has shape \[7, 8\] instead of \[20, 8\]"),
    (lambda w: w.pop("reasoning_embedding"), "reasoning_embedding is missing"),
    (lambda w: w.update(gate=np.zeros(3)), "gate is not part of the model"),
    (lambda w: [w.pop(name) for name in list(w) if name.startswith("blocks.")], "is missing, .* and 13 more"),
])
def test_misfits_are_named(backend, change, message, weights):
    learner = make_learner(CONFIG, V, backend)
    change(weights)
    with pytest.raises(RunError, match=f"run/best: the weights do not fit the settings: .*{message}.*Train again."):
        make_engine(CONFIG, V, weights, backend, where="run/best", fix="Train again.")
    with pytest.raises(RunError, match=message):
        learner.load_weights(weights)


@pytest.mark.parametrize("backend", BACKENDS)
def test_moments_come_back_and_misfits_are_named(backend):
    learner = make_learner(CONFIG, V, backend)
    learner.load_moments(learner.moments())
    moments = {f"{which}.{name}": np.ones(start.shape, np.float32) for which in ("first", "second")
               for name, start in starts_of(CONFIG, V).items()} | {"steps": np.array([7.0])}
    learner.load_moments(moments)
    again = learner.moments()
    assert again.keys() == moments.keys() and all(np.array_equal(again[name], moments[name]) for name in moments)
    for wrong, message in (({**moments, "first.item_embedding": np.ones(3)}, r"first.item_embedding has shape \[3\]"),
                           ({**moments, "third": np.ones(3)}, "third is not part"),
                           ({"first.item_embedding": moments["first.item_embedding"]}, "steps is missing")):
        with pytest.raises(RunError, match=message):
            learner.load_moments(wrong)


def test_an_unknown_backend_or_device_is_refused(weights):
    for make in (lambda **more: make_learner(CONFIG, V, **more),
                 lambda **more: make_engine(CONFIG, V, weights, **more)):
        with pytest.raises(ConfigError, match="unknown backend 'jax'. Choose one of: torch, numpy"):
            make(backend="jax")
        with pytest.raises(ConfigError, match="unknown device 'tpu'"):
            make(backend="torch", device="tpu")
        with pytest.raises(ConfigError, match="NumPy cannot use the device 'cuda'"):
            make(backend="numpy", device="cuda")


def test_a_learner_says_which_precision_it_trains_in():
    able = {"avx512_bf16": True}
    for features, asked, expected in ((able, "auto", "bf16"), ({}, "auto", "float32"), ({}, "bf16", "bf16"),
                                      (able, "float32", "float32")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch.cpu, "get_capabilities", lambda features=features: features)
            learner = make_learner(CONFIG.replaced(precision=asked), V, "torch", "cpu")
        assert learner.config == CONFIG.replaced(precision=expected)
    assert make_learner(CONFIG, V, "numpy").config == CONFIG.replaced(precision="float32")
    with pytest.raises(ConfigError, match="NumPy has no bf16. Give --precision float32"):
        make_learner(CONFIG.replaced(precision="bf16"), V, "numpy")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss, positions", [("full", "absolute"), ("sampled", "relative")])
def test_single_prefixes_train_a_causal_model_as_a_shared_pass_does(backend, loss, positions, data):
    """Two ways to the same loss: targets, groups and lengths of a batch of prefixes are those of whole histories."""
    config = CONFIG.replaced(method="prl", dropout=0.0, input_dropout=0.0, noise=0.0, contrastive_weight=0.5, loss=loss,
                             negatives=20, precision="float32", max_length=99, positions=positions)
    split, losses = make_split(data), []
    for prefixes in (False, True):
        windows = training_windows(split.train_items, split.train_offsets, 99, prefixes=prefixes)
        [batch] = iterate(windows, 10**6, np.random.default_rng(0))
        learner = make_learner(config, data.n_items, backend, "cpu")
        learner.start_epoch(9)
        learner.load_weights(draw(starts_of(config, data.n_items), 0.3, seed=1))
        losses.append([learner.train_batch(batch), learner.train_batch(batch)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0][0] != losses[0][1]


def test_bf16_changes_only_the_losses(weights):
    batch = Batch(np.array([[1, 2, 3]]), np.array([[2, 3, 4]]), np.ones((1, 3), bool))
    config = CONFIG.replaced(dropout=0.0, input_dropout=0.0, kl_weight=0.5)
    losses, scores, learners = {}, {}, {}
    for precision in ("float32", "bf16"):
        learners[precision] = learner = make_learner(config.replaced(precision=precision), V, "torch", "cpu")
        learner.load_weights({name: value.copy() for name, value in weights.items()})
        learner.start_epoch(9)
        scores[precision] = learner.scores(learner.states(np.array([[1, 2]]), np.array([2]))[:, 0])
        losses[precision] = learner.train_batch(batch)
    assert np.array_equal(scores["bf16"], scores["float32"])
    assert losses["bf16"] != losses["float32"] == pytest.approx(losses["bf16"], rel=0.01)
    assert {value.dtype for value in learners["bf16"].weights().values()} == {np.dtype("float32")}


@pytest.mark.parametrize("scale", [1e-30, 0.05, 1.0, 3000.0, 1e30])
def test_models_read_features_of_about_size_one(data, scale):
    """They are those of the data times a power of two, so that no digit changes; rows of zeros have no size."""
    given = (scale * np.random.default_rng(0).standard_normal((data.n_items, 4))).astype(np.float32)
    given[::2] = 0
    config, found = with_features(Config.make(items="morec"), replace(data, features=Features(given, "drawn")))
    assert config.model.feature_width == 4 and found.dtype == np.float32
    assert 0.7 < np.sqrt(np.mean(found[1::2] ** 2)) < 1.42 and not found[::2].any()
    power = int(np.round(np.log2(float(found[1, 0]) / float(given[1, 0]))))
    assert np.array_equal(found, np.ldexp(given, power))
    assert np.array_equal(with_features(config, data, found)[1], found)


def test_features_that_no_model_can_read_are_refused(data):
    for values, message in ((np.ones((3, 4)), "3 rows for 80 items"), (np.full((80, 2), np.nan), "NaN"),
                            (np.zeros((80, 2)), "zero everywhere")):
        with pytest.raises(DataError, match=message):
            with_features(Config.make(items="morec"), data, values)
    with pytest.raises(ConfigError, match="the item encoder id reads no features"):
        with_features(Config.make(), data, np.ones((80, 4)))


@pytest.mark.parametrize("backend", ["torch", "numpy"])
@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("reasoner", REASONERS)
def test_a_walk_computes_the_same_states_for_those_who_continue(reasoner, backbone, backend):
    config = Config.make(method="rpe", backbone=backbone, reasoner=reasoner, steps=2, width=8, inner_width=8, layers=2,
                         initial_std=0.5)
    engine = make_learner(config, 20, backend)
    items, lengths = np.arange(12).reshape(3, 4), np.array([4, 2, 3])
    states = engine.array(engine.states(items, lengths))
    walk = engine.walk(items, lengths)
    assert engine.array(next(walk)) == pytest.approx(states[:, 0], abs=1e-5)
    assert engine.array(walk.send(np.array([True, False, True]))) == pytest.approx(states[[0, 2], 1], abs=1e-5)
    assert engine.array(walk.send(np.array([False, True]))) == pytest.approx(states[[2], 2], abs=1e-5)
    with pytest.raises(StopIteration):
        walk.send(np.array([True]))
