"""Trees of weights: nested and flat, combined and added."""

import numpy as np
import pytest
from hypothesis import given

from minirearec.errors import RunError
from minirearec.parts import Start
from minirearec.weights import add, check_fit, combine, flatten, nest
from tests.compare import assert_same
from tests.strategies import problems

TREE = {"table": 1, "blocks": [{"query": {"weight": 2}}, {"query": {"weight": 3}}]}
FLAT = {"table": 1, "blocks.0.query.weight": 2, "blocks.1.query.weight": 3}


def test_nested_and_flat():
    assert nest(FLAT) == TREE
    assert flatten(TREE) == FLAT


def test_ten_blocks_keep_their_order():
    flat = {f"blocks.{index}.weight": index for index in (10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9)}
    assert [block["weight"] for block in nest(flat)["blocks"]] == list(range(11))


@given(problem=problems())
def test_a_models_weights_survive_a_round_trip(problem):
    assert_same(nest(flatten(problem.weights)), problem.weights)


def test_combine_walks_trees_of_one_structure():
    assert flatten(combine(lambda a, b: 10 * a + b, TREE, TREE)) == {name: 11 * leaf for name, leaf in FLAT.items()}
    with pytest.raises(ValueError, match="zip"):
        combine(max, {"blocks": [1, 2]}, {"blocks": [1]})


def test_add_counts_missing_names_as_zero():
    assert add({"a": 1, "blocks": [{"x": 1}]}, {"b": 2, "blocks": [{"y": 3}]}, {"a": 5}) == {
        "a": 6, "blocks": [{"x": 1, "y": 3}], "b": 2}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_do_not_fit(value):
    found = {"a": np.zeros((2, 2), np.float32), "empty": np.zeros((0, 3)), "b": np.array([1.0, value, 2.0])}
    with pytest.raises(RunError, match="best.safetensors: b holds numbers that are infinite"):
        check_fit(found, {name: Start(array.shape) for name, array in found.items()}, "best.safetensors", "")
