"""Backbones and item encoders: both backends compute each, and its initial weights follow the settings."""

import pytest

from minirearec.config import ModelConfig
from minirearec.nn import registries as in_torch
from minirearec.parts import BACKBONES, ITEM_ENCODERS, Start
from minirearec.reference import registries as in_numpy
from minirearec.weights import flatten


@pytest.mark.parametrize("name", BACKBONES)
def test_both_backends_have_the_backbone(name):
    assert callable(in_torch.BACKBONES[name]) and callable(in_numpy.BACKBONES[name].encode_keeping)


@pytest.mark.parametrize("name", ITEM_ENCODERS)
def test_both_backends_have_the_item_encoder(name):
    assert callable(in_torch.ITEM_ENCODERS[name]) and callable(in_numpy.ITEM_ENCODERS[name].item_table)


def test_the_weights_of_the_transformer_follow_the_settings():
    begin = flatten(BACKBONES["sasrec"].starts(ModelConfig(width=6, inner_width=10, layers=2, heads=3, max_length=7)))
    assert begin["position_embedding"].shape == (7, 6) and begin["position_embedding"].fill is None
    assert begin["blocks.1.inner.weight"].shape == (10, 6) and begin["blocks.1.inner.bias"].fill == 0.0
    assert begin["input_norm.weight"].fill == 1.0
    assert len([name for name in begin if name.startswith("blocks.")]) == 2 * 16


def test_the_weights_of_item_encoders_follow_the_settings():
    settings = ModelConfig(items="morec", width=6, feature_width=5, experts=3, projection_layers=2, with_ids=True)
    shapes = {name: {path: (start.shape, start.fill) for path, start in flatten(
        ITEM_ENCODERS[name].starts(settings, 9)).items()} for name in ("unisrec", "morec")}
    assert shapes["unisrec"] == {
        "item_encoder.expert_weight": ((3, 5, 6), None), "item_encoder.expert_mean": ((3, 5), 0.0),
        "item_encoder.gate": ((5, 3), 0.0), "item_encoder.gate_noise": ((5, 3), 0.0),
        "item_embedding": ((9, 6), 0.0)}
    layers = {f"item_encoder.layers.{i}": ((6, 6 if i else 5), (6,)) for i in range(3)}
    assert shapes["morec"] == {
        **{f"{name}.weight": (weight, None) for name, (weight, _) in layers.items()},
        **{f"{name}.bias": (bias, 0.0) for name, (_, bias) in layers.items()}, "item_embedding": ((9, 6), 0.0)}


def test_the_weights_of_positions_follow_the_settings():
    for backbone, sides in (("sasrec", 1), ("bert4rec", 2)):
        for positions, name, start in (("absolute", "position_embedding", Start((7, 6))),
                                       ("recency", "recency_embedding", Start((7, 6))),
                                       ("relative", "distance_bias", Start((3, sides, 7), 0.0))):
            begin = BACKBONES[backbone].starts(ModelConfig(width=6, heads=3, max_length=7, positions=positions))
            assert {key: value for key, value in begin.items() if isinstance(value, Start)} == {name: start}
