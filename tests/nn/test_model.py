"""The torch module: the weights it is given, its names, and where its dropout comes from."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from minirearec.config import ModelConfig
from minirearec.errors import ConfigError
from minirearec.nn.model import ReaRec
from minirearec.weights import flatten, initial_weights, starts

CONFIG = ModelConfig(steps=2, width=4, inner_width=6, layers=2, heads=2, max_length=5, dropout=0.5)
V = 9
ITEMS = torch.tensor([[3, 1, 4]])


def test_it_shares_the_memory_of_the_weights_it_is_given():
    weights = initial_weights(CONFIG, V, seed=3)
    model = ReaRec(CONFIG, V, weights=weights).eval()
    with torch.no_grad():
        before = model(ITEMS)[0]
        weights["item_embedding"][4] += 1.0
        after = model(ITEMS)[0]
    assert torch.equal(before[:, :2], after[:, :2]) and not torch.equal(before[:, 2], after[:, 2]), "the last item"


def test_without_weights_it_starts_from_its_seed():
    model, weights = ReaRec(CONFIG, V, seed=3), initial_weights(CONFIG, V, seed=3)
    named = {name: value.detach().numpy() for name, value in model.named_parameters()}
    assert named.keys() == weights.keys() == starts(CONFIG, V).keys()
    for name, value in named.items():
        assert np.array_equal(value, weights[name]), name


def test_parameters_come_nested_and_without_positions_in_the_naive_variant():
    model = ReaRec(CONFIG, V)
    assert flatten(model.weights()).keys() == dict(model.named_parameters()).keys()
    assert model.weights()["blocks"][1]["query"]["weight"] is dict(model.named_parameters())["blocks.1.query.weight"]
    assert ReaRec(CONFIG, V, reasoning_positions=False).weights().keys() == model.weights().keys() - {
        "reasoning_embedding"}


def test_dropout_is_drawn_from_its_generator_and_only_in_training():
    model = ReaRec(CONFIG, V, seed=3)
    model.generator = torch.Generator()

    def states(seed):
        model.generator.manual_seed(seed)
        return model(ITEMS)[0]

    assert torch.equal(states(1), states(1)) and not torch.equal(states(1), states(2))
    model.eval()
    assert torch.equal(states(1), states(2))


def test_last_states_are_those_of_the_last_prefix():
    model = ReaRec(CONFIG, V, seed=3).eval()
    padded = torch.tensor([[3, 1, 4, 0], [5, 0, 0, 0]])
    with torch.no_grad():
        last, every = model.last(padded, torch.tensor([3, 1])), model(padded)[0]
    assert torch.allclose(last, torch.stack([every[0, 2], every[1, 0]]), atol=1e-6)


def test_weights_may_be_nested_in_any_way():
    extra = {"own.map": np.ones((2, 3), np.float32), "own.norm.weight": np.ones(4, np.float32),
             "rows.0": np.zeros(2, np.float32), "rows.1": np.ones(2, np.float32)}
    model = ReaRec(CONFIG, V, weights=initial_weights(CONFIG, V) | extra)
    found = model.weights()
    assert found["own"]["map"].shape == (2, 3) and found["own"]["norm"]["weight"].shape == (4,)
    assert [row.sum().item() for row in found["rows"]] == [0, 2]
    assert extra.keys() <= dict(model.named_parameters()).keys()


def test_what_does_not_fit_is_named():
    features = ModelConfig(items="morec", feature_width=3)
    for given in (None, np.ones((V - 1, 3), np.float32), np.ones((V, 2), np.float32)):
        with pytest.raises(ConfigError, match="morec needs features of 9 items, each as wide as feature_width, 3"):
            ReaRec(features, V, features=given)
    with pytest.raises(ConfigError, match="weights cannot be named 'read'"):
        ReaRec(CONFIG, V, weights=initial_weights(CONFIG, V) | {"read": np.ones(2, np.float32)})
    with pytest.raises(ConfigError, match="6 items, where the model reads 5"):
        ReaRec(CONFIG, V)(torch.zeros(1, 6, dtype=torch.int64))
    relative = ReaRec(replace(CONFIG, positions="relative"), V)
    assert relative(torch.zeros(1, 6, dtype=torch.int64))[0].shape == (1, 6, 3, 4)
