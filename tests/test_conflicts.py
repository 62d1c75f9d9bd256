"""Settings that are right each by itself and make no sense together are refused by name."""

from dataclasses import replace

import pytest

from minirearec.config import Config
from minirearec.conflicts import without_effect
from minirearec.errors import ConfigError
from minirearec.methods import METHODS


@pytest.mark.parametrize("settings, message", [
    ({"method": "base", "steps": 2}, "--steps: method base has no reasoning steps, got 2.*choose naive, rpe"),
    ({"method": "counts", "loss": "sampled"}, "--loss: method counts has no sampled loss"),
    ({"loss": "gbce", "kl_weight": 0.1}, "--kl-weight: the KL term compares softmax.*choose --loss sampled"),
    ({"method": "counts", "soft_targets": "counts"}, "--soft-targets: the loss of method counts has no such term"),
    ({"method": "counts", "label_smoothing": 0.1}, "--label-smoothing: the loss.*choose base, naive"),
    ({"method": "counts", "same_target_weight": 0.1}, "--same-target-weight: the loss of method counts"),
    ({"loss": "sampled", "label_smoothing": 0.1}, "--label-smoothing: a sampled loss does not score.*--loss full"),
    ({"loss": "gbce", "soft_targets": "counts"}, "--soft-targets: a sampled loss"),
    ({"method": "teacher", "loss": "sampled"}, "--loss: method teacher has no sampled loss"),
])
def test_what_a_loss_cannot_do_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Config.make(**settings)


NAMES = ("alpha", "progressive_weight", "kl_weight", "experts", "guesses", "paths", "negatives", "tau",
         "schedule_epochs", "width", "soft_weight", "samples", "average")


@pytest.mark.parametrize("settings, expected", [
    ({}, "alpha progressive_weight experts guesses paths negatives tau schedule_epochs soft_weight"),
    ({"method": "prl", "reasoner": "items"}, "kl_weight experts paths negatives tau schedule_epochs soft_weight"),
    ({"method": "teacher", "items": "unisrec"}, "alpha kl_weight guesses paths negatives tau schedule_epochs"),
    ({"method": "erl", "loss": "gbce", "schedule": "linear", "items": "morec", "counts": "pctm", "reasoner": "paths"},
     "alpha progressive_weight experts guesses tau soft_weight"),
    ({"soft_targets": "counts", "counts": "pctm"},
     "alpha progressive_weight experts guesses paths negatives schedule_epochs"),
    ({"method": "prl", "steps": 0}, "alpha progressive_weight kl_weight experts guesses paths negatives tau "
                                    "schedule_epochs soft_weight"),
    ({"method": "counts", "counts": "pctm"}, "alpha progressive_weight kl_weight experts guesses paths negatives "
                                             "schedule_epochs width soft_weight samples average"),
])
def test_settings_that_nothing_reads_are_found(settings, expected):
    found = without_effect(Config.make(**settings), NAMES)
    assert list(found) == expected.split()
    assert all(str(getattr(section, choice)) == chosen for choice, chosen in map(str.split, found.values())
               for section in vars(Config.make(**settings)).values() if hasattr(section, choice))


def test_each_setting_names_what_leaves_it_out():
    found = without_effect(Config.make(steps=0), ["same_target_temperature", "reasoner", "counts", "soft_items"])
    assert found == {"same_target_temperature": "same-target-weight 0", "reasoner": "steps 0", "counts": "method erl",
                     "soft_items": "soft-targets none"}
    assert without_effect(Config.make(same_target_weight=0.1), ["same_target_temperature", "reasoner", "seed"]) == {}
    assert without_effect(Config.make(method="counts"), ["seed", "refit", "method"]) == {}


def test_what_users_registered_may_read_any_setting(monkeypatch):
    monkeypatch.setitem(METHODS, "mine", replace(METHODS["erl"], name="mine"))
    config = Config.make(method="mine")
    assert without_effect(config, ["kl_weight"]) == {"kl_weight": "method mine"}
    monkeypatch.setattr(METHODS, "of_users", {"mine"})
    assert without_effect(config, ["kl_weight"]) == {}
