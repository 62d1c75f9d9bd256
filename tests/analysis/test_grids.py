"""What varies in a sweep: reading it, and the product."""

import pytest

from minirearec.analysis.grids import PRESETS, grid, parse
from minirearec.config import Config
from minirearec.errors import ConfigError


@pytest.mark.parametrize("text, read", [
    ("alpha=1,1.2,2", ("alpha", [1.0, 1.2, 2.0])), ("steps=0..3", ("steps", [0, 1, 2, 3])),
    ("kl-weight=0, 5e-2", ("kl_weight", [0.0, 0.05])), ("method=erl,prl", ("method", ["erl", "prl"])),
    ("with_ids=no,yes", ("with_ids", [False, True])), ("steps=2", ("steps", [2]))])
def test_values_have_the_type_of_their_setting(text, read):
    name, values = parse(text)
    assert (name, values) == read and [type(value) for value in values] == [type(value) for value in read[1]]


@pytest.mark.parametrize("text, problem", [
    ("steps", "expected NAME=VALUE"), ("magic=1", "expected NAME=VALUE"), ("seed=1,2", "Seeds have --seeds"),
    ("steps=3..1", "no range"), ("steps=0..999999999", "no range"), ("steps=1.5", "not a whole number"),
    ("alpha=nan", "not a number"), ("alpha=1..3", "not a number"), ("steps=1,", "'' in 'steps=1,' is not"),
    ("steps=\u0663", "not a whole number"), ("alpha=1,1.0", "twice"), ("with-ids=True", "not yes or no")])
def test_what_is_wrong_is_named(text, problem):
    with pytest.raises(ConfigError, match=problem.replace(".", r"\.")):
        parse(text)


def test_a_grid_is_the_product():
    assert grid({"steps": [0, 1], "alpha": [1.0, 2.0]}) == [
        {"steps": 0, "alpha": 1.0}, {"steps": 0, "alpha": 2.0}, {"steps": 1, "alpha": 1.0}, {"steps": 1, "alpha": 2.0}]
    both = grid({"width": [8, 16]}, "ablations")
    assert len(both) == 2 * len(PRESETS["ablations"]) and both[5] == {"method": "prl", "width": 16}
    for wrong in (({}, ""), ({"steps": [1]}, "ladder"), ({"width": [1]}, "nothing"), ({"width": [*range(1001)]}, "")):
        with pytest.raises(ConfigError):
            grid(*wrong)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_settings_that_train(name):
    configs = [Config.make(**point) for point in PRESETS[name]]
    assert len(set(configs)) == len(configs)
