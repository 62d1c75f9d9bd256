"""Settings are checked on creation, stored and read back, and refused when unknown."""

import tomllib
from dataclasses import fields
from types import SimpleNamespace

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config, ModelConfig, ObjectiveConfig, TrainingConfig
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.errors import ConfigError
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, Backbone, transformer_starts

SECTIONS = (ModelConfig, ObjectiveConfig, TrainingConfig, CountsConfig)


@given(st.sampled_from(sorted(set(METHODS) - {"base", "counts"})), st.integers(0, 20), st.floats(1e-15, 0.99),
       st.integers(0, 2**63 - 1), st.floats(1e-6, 10))
def test_a_config_survives_toml(method, steps, dropout, seed, temperature):
    config = Config.make(method=method, steps=steps, dropout=dropout, seed=seed, temperature=temperature)
    assert Config.from_dict(tomllib.loads(tomli_w.dumps(config.to_dict()))) == config
    assert config.replaced(heads=1).model.heads == 1 and config.replaced(heads=1).objective == config.objective


@pytest.mark.parametrize("settings, message", [
    ({"steps": -1}, "--steps: -1 is out of range. It must be at least 0"),
    ({"dropout": 1.0}, "--dropout: 1.0 is out of range. It must be at least 0.0 and below 1.0"),
    ({"temperature": 0.0}, "--temperature: 0.0 is out of range. It must be above 0.0"),
    ({"temperature": float("inf")}, "--temperature: inf is not a finite number"),
    ({"learning_rate": float("nan")}, "--learning-rate: nan is not a finite number"),
    ({"width": 64.0}, "--width: expected a whole number, got 64.0"),
    ({"seed": True}, "--seed: expected a whole number, got True"),
    ({"method": "magic"}, "--method: unknown value 'magic'. Choose one of: base"),
    ({"heads": 3}, "3 heads do not divide a width of 128"),
    ({"magic": 1}, "unknown setting 'magic'. Known: adapter_width, adaptor_dropout, alpha, average"),
    ({"method": "base", "steps": 2}, "method base has no reasoning steps, got 2"),
    ({"seed": 2**63}, "--seed: .* is out of range"),
    ({"temperature": 1e-45}, "--temperature: 1e-45 is beyond what 32-bit .* It must be between 1e-15 and 1e.15"),
    ({"kl_weight": 1e-300}, "--kl-weight: .* It must be 0 or between"),
    ({"learning_rate": 1e300}, "--learning-rate: .* beyond"),
    ({"learning_rate": 10**400}, "--learning-rate: inf is not a finite number"),
    ({"alpha": 1e9}, "--alpha: .* is out of range"),
    ({"batch_positions": 2**63 - 1}, "--batch-positions: .* is out of range. It must be at most 2147483647"),
    ({"epochs": 10**30}, "--epochs: .* is out of range"),
    ({"loss": "half"}, "--loss: unknown value 'half'. Choose one of: full, sampled, gbce"),
    ({"method": ["erl"]}, r"--method: expected a text, got \['erl'\]"),
    ({"items": ["id"]}, "--items: expected a text"),
    ({"counts": ["pctm"]}, "--counts: expected a text"),
    ({"counts": "magic"}, "--counts: unknown value 'magic'. Choose one of: item-to-item, rules, pctm"),
    ({"gap_kernel": "exponential", "gap_decay": 1.5}, "--gap-decay: an exponential kernel would grow with the dist"),
    ({"counts": "pctm", "history_decay": 2.0}, "--history-decay: an exponential kernel would grow"),
])
def test_a_bad_setting_is_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        Config.make(**settings)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_bound_is_checked(section):
    for item in fields(section):
        rule, value = item.metadata, item.default
        outside = [(key, rule[key] + shift) for key, shift in (("low", -1), ("high", 1)) if rule[key] is not None]
        outside += [(key, rule[key]) for key in ("above", "below") if rule[key] is not None]
        for _, bad in outside:
            with pytest.raises(ConfigError, match="out of range"):
                section(**{item.name: type(value)(bad)})
        assert rule["help"]


def test_settings_of_an_earlier_version_mean_the_full_loss():
    stored = Config.make(method="prl").to_dict()
    for name in ("loss", "negatives", "negatives_by", "gbce_t", "soft_targets", "soft_weight", "label_smoothing",
                 "same_target_weight"):
        del stored["objective"][name]
    assert Config.from_dict(stored) == Config.make(method="prl") and Config.from_dict(stored).objective.loss == "full"


def test_settings_of_an_earlier_version_count_as_it_did():
    stored = Config.make(method="counts").to_dict()
    del stored["counting"], stored["training"]["refit"]
    assert Config.from_dict(stored) == Config.make(method="counts", counts="item-to-item", refit=False)


@pytest.mark.parametrize("name", COUNTS)
def test_defaults_of_a_count_model_are_settings(name):
    made = Config.make(counts=name).counting
    assert all(getattr(made, key) == value for key, value in COUNTS[name].defaults.items())
    assert Config.make(counts=name, boost=0.5).counting.boost == 0.5


def test_an_unknown_section_is_refused():
    with pytest.raises(ConfigError, match="must have exactly model, objective, training, counting"):
        Config.from_dict({"model": {}, "magic": {}})


def test_settings_of_the_data_override_defaults_and_given_settings_override_both():
    data = SimpleNamespace(training={"method": "rpe", "width": 32, "layers": 1})
    assert Config.for_data(data, width=8) == Config.make(method="rpe", width=8, layers=1)
    assert Config.for_data(SimpleNamespace(training={})) == Config.make()
    assert Config.for_data(data, method="base").model.steps == 0, "the method's own defaults still apply"
    with pytest.raises(ConfigError, match="unknown setting 'magic'"):
        Config.for_data(data, magic=1)


@pytest.mark.parametrize("given", [{"method": "counts"}, {"loss": "sampled"}])
def test_soft_targets_of_the_data_are_for_losses_that_can_have_them(given):
    data = SimpleNamespace(training={"soft_targets": "counts", "width": 32})
    assert Config.for_data(data) == Config.make(soft_targets="counts", width=32)
    assert Config.for_data(data, **given) == Config.make(width=32, **given)
    with pytest.raises(ConfigError, match="--soft-targets"):
        Config.for_data(data, soft_targets="counts", **given)


def test_settings_of_the_data_for_a_count_model_are_for_that_one_alone():
    data = SimpleNamespace(training={"seed": 3, "pctm": {"tau": 5.0}, "rules": {"window": 4}})
    assert Config.for_data(data) == Config.make(seed=3)
    assert Config.for_data(data, counts="rules") == Config.make(seed=3, counts="rules", window=4)
    assert Config.for_data(data, counts="pctm", tau=6.0) == Config.make(seed=3, counts="pctm", tau=6.0)


def test_settings_for_data_name_what_is_no_text():
    for settings in ({"method": ["erl"]}, {"items": ["id"]}, {"counts": ["pctm"]}):
        with pytest.raises(ConfigError, match="expected a text"):
            Config.for_data(SimpleNamespace(training={"width": 32}), **settings)


def test_what_a_model_was_fitted_on():
    plain, refit = Config.make(), Config.make(refit=True)
    assert plain.fitted_on() == plain.fitted_on("valid") == refit.fitted_on("valid") == "train"
    assert refit.fitted_on() == "train and validation"


def test_a_backbone_says_which_positions_it_has():
    """One that a user wrote reads absolute ones, unless it says more."""
    BACKBONES["plain"] = Backbone("plain", "a user's", transformer_starts)
    try:
        assert Config.make(backbone="plain").model.positions == "absolute"
        with pytest.raises(ConfigError, match="backbone plain has no recency positions. Choose one of: absolute."):
            Config.make(backbone="plain", positions="recency")
    finally:
        del BACKBONES["plain"]
