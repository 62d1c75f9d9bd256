"""Every function of the NumPy reference returns what its PyTorch twin returns."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from tests.compare import assert_same, assert_same_in_float32
from tests.strategies import problems
from tests.twins.pairs import ARGUMENTS, find, in_float32
from tests.twins.torch_side import to_torch


@pytest.mark.parametrize("pair", ARGUMENTS)
@settings(max_examples=15)
@given(problem=problems(dropout=True))
def test_values_agree(pair, problem):
    arguments = ARGUMENTS[pair](problem)
    ours, theirs = find("reference", pair)(*arguments), find("nn", pair)(*to_torch(arguments))
    assert_same(ours, theirs, what=pair)


@pytest.mark.parametrize("pair", ARGUMENTS)
@settings(max_examples=3)
@given(problem=problems(dropout=True))
def test_float32_stays_float32(pair, problem):
    arguments = in_float32(ARGUMENTS[pair](problem))
    ours, theirs = find("reference", pair)(*arguments), find("nn", pair)(*to_torch(arguments))
    assert_same_in_float32(ours, theirs, what=pair)


@settings(max_examples=10)
@given(problem=problems())
def test_the_two_dropouts_agree_on_average(problem):
    """The twins draw from different generators, so we compare only what both promise."""
    from minirearec.nn.ops import Dropout as TorchDropout
    from minirearec.reference.ops import Dropout

    for site, rate in (("items.input", 0.2), ("items.block0.weights", 0.5)):
        ours = Dropout(0.5, 0.2, problem.seed)(np.ones(4000), site)
        torch.manual_seed(problem.seed)
        theirs = TorchDropout(0.5, 0.2)(torch.ones(4000, dtype=torch.float64), site).numpy()
        for result in (ours, theirs):
            np.testing.assert_allclose(np.unique(result), [0, 1 / (1 - rate)], rtol=2**-14)  # PyTorch's p is rounded
            assert abs((result == 0).mean() - rate) < 0.05  # more than six standard deviations
