"""Models with every reasoner: both backends train them alike, and K = 0 is the base."""

import numpy as np
import pytest
import torch

import minirearec as mr
from minirearec.config import Config
from minirearec.engine import make_engine
from minirearec.errors import ConfigError
from minirearec.events import EpochDone
from minirearec.nn import registries as in_torch
from minirearec.nn.reasoners import items
from minirearec.nn.reasoning import reasoning_step
from minirearec.parts import REASONERS, Start
from minirearec.reference import registries as in_numpy
from minirearec.reference.reasoners import shared
from minirearec.runs.directory import Run
from minirearec.runs.starting import starting_weights
from minirearec.training import Trainer
from minirearec.weights import draw, starts_of
from tests.registered import forget_registered
from tests.small import SMALL, finish


@pytest.mark.parametrize("name", REASONERS)
def test_both_backends_have_the_reasoner(name):
    assert callable(in_torch.REASONERS[name]) and callable(in_numpy.REASONERS[name].step_keeping)


def train_alike(data, name, backbone, **more):
    """Train with both backends, without dropout and noise, and compare losses and metrics."""
    config = Config.make(method="prl", reasoner=name, backbone=backbone, epochs=2, noise=0.0, dropout=0.0,
                         input_dropout=0.0, precision="float32", **SMALL, **more)
    trainers = [Trainer(config, data, backend=backend) for backend in ("torch", "numpy")]
    losses = [[event.loss for event in finish(trainer) if isinstance(event, EpochDone)] for trainer in trainers]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4) and losses[0][1] < losses[0][0]
    first, second = (trainer.evaluate().metrics() for trainer in trainers)
    assert first == pytest.approx(second, abs=0.01)


@pytest.mark.parametrize("place, name", [*enumerate(REASONERS)])
def test_both_backends_train_alike(place, name, data):
    train_alike(data, name, ("sasrec", "bert4rec")[place % 2])


def test_both_backends_take_the_same_random_number_of_steps(data):
    train_alike(data, "lares", "sasrec", random_steps=True)


@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("name", REASONERS)
def test_batches_single_histories_and_backends_agree(name, backbone):
    config = Config.make(method="erl", reasoner=name, backbone=backbone, steps=2, max_length=7, guesses=3, **SMALL)
    begin = starts_of(config, 200)
    weights = draw({name: Start(start.shape) for name, start in begin.items()}, 0.3, 1)
    rng = np.random.default_rng(0)
    items, lengths = rng.integers(0, 200, (5, 7)), np.array([1, 7, 3, 2, 5])
    engines = [make_engine(config, 200, weights, backend, "cpu") for backend in ("torch", "numpy")]
    batches = [engine.array(engine.states(items, lengths)) for engine in engines]
    np.testing.assert_allclose(batches[0], batches[1], rtol=1e-3, atol=1e-3)
    for engine, batch in zip(engines, batches, strict=True):
        assert np.abs(batch[:, 1:] - batch[:, :-1]).max(-1).min() > 1e-3, "every step changes the state"
        for row, length in enumerate(lengths):
            alone = engine.array(engine.states_of_one(items[row, :length]))
            np.testing.assert_allclose(alone[0], batch[row], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", REASONERS)
def test_without_steps_a_reasoner_has_no_weights(name):
    base = starts_of(Config.make(method="base"), 9)
    assert starts_of(Config.make(method="erl", reasoner=name, steps=0), 9) == base
    more = starts_of(Config.make(method="erl", reasoner=name), 9)
    assert list(more)[:2] == list(base)[:2] and base.items() <= more.items()


def test_separate_blocks_start_as_copies(data, tmp_path):
    config = Config.make(reasoner="separate", **SMALL)
    weights = draw(starts_of(config, 9), 0.02, 0)
    copied = [name for name in weights if name.startswith("reasoning_") and "embedding" not in name]
    assert len(copied) == 2 + 16
    for name in copied:
        source = name.replace("reasoning_blocks", "blocks").replace("reasoning_norm", "input_norm")
        np.testing.assert_array_equal(weights[name], weights[source])
    finish(Trainer(Config.make(method="base", epochs=1, **SMALL), data, out=tmp_path / "base"))
    started = starting_weights(Run.open(tmp_path / "base"), config, data)
    np.testing.assert_array_equal(started["reasoning_blocks.0.key.weight"], started["blocks.0.key.weight"])
    assert np.abs(started["blocks.0.key.bias"]).max() > 0, "trained"


def test_a_reasoner_of_the_whole_catalogue_needs_the_full_loss():
    message = "--loss: the reasoner items reads the whole catalogue at every step. Leave --loss out"
    with pytest.raises(ConfigError, match=message):
        Config.make(reasoner="items", loss="sampled")
    assert Config.make(reasoner="items", loss="sampled", steps=0).model.steps == 0


def test_a_reasoner_of_ones_own(data):
    def doubled(weights, state, x, *rest):
        return reasoning_step(weights, 2 * x, *rest[:-1])

    def keeping(weights, state, x, *rest):
        return shared.step_keeping(weights, state, 2 * x, *rest)

    def way_back(grad_out, weights, x, *rest):
        gradients, grad_state, grad_x, *others = shared.step_way_back(grad_out, weights, 2 * x, *rest)
        return gradients, grad_state, 2 * grad_x, *others

    mr.register(mr.Reasoner("doubled", "twice the input"), torch=doubled, numpy=(keeping, way_back))
    try:
        train_alike(data, "doubled", "sasrec")
    finally:
        forget_registered()


@pytest.mark.parametrize("V, guesses", [(7, 10), (40, 1), (333, 3), (1000, 10)])
def test_the_best_items_are_found_in_groups(V, guesses):
    """With a gradient in chunks, without one at once."""
    rng = torch.Generator().manual_seed(V)
    table, state = torch.randn(V, 5, generator=rng), torch.randn(4, 600, 5, generator=rng)
    expected = (state @ table.T).topk(min(V, guesses)).indices
    for one in (state, state.clone().requires_grad_()):
        assert torch.equal(items.best_items(table, one, guesses), expected)
