"""The vectorised distribution function agrees with the standard library's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.reference.normal import CELLS, END, normal_cdf

EDGES = np.arange(-END * CELLS, END * CELLS) / CELLS + 0.5 / CELLS  # halfway between grid points: the hardest places


def exact(value: float) -> float:
    return math.erfc(-value / math.sqrt(2)) / 2


@pytest.mark.parametrize("dtype, error", [(np.float64, 3e-16), (np.float32, 2e-7)])
def test_errors_stay_below_the_promised_bound(dtype, error):
    rng = np.random.default_rng(0)
    small = np.geomspace(1e-20, 10, 5_000)
    x = np.concatenate([EDGES, rng.normal(size=20_000), small, -small]).astype(dtype)
    assert normal_cdf(x).dtype == dtype
    assert np.abs(normal_cdf(x) - [exact(value) for value in x.astype(np.float64)]).max() <= error


@given(st.floats(allow_nan=False))
def test_any_number(value):
    assert abs(normal_cdf(np.array([value]))[0] - exact(value)) <= 3e-16


def test_the_ends_are_exact_and_shapes_are_kept():
    x = np.array([[np.nan, np.inf, -np.inf], [0.0, -1e30, 1e30]])
    np.testing.assert_array_equal(normal_cdf(x), [[0, 1, 0], [0.5, 0, 1]])
    assert normal_cdf(x[:, :0]).shape == (2, 0)
    assert normal_cdf(np.array(0.0)) == 0.5
