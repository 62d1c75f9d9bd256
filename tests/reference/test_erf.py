"""The vectorised error function agrees with the standard library's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.reference.erf import CELLS, END, erf

EDGES = np.arange(0, END * CELLS) / CELLS + 0.5 / CELLS  # halfway between grid points: the hardest places
SMALLEST_NORMAL = 1e-30


def relative_error(x: np.ndarray) -> np.ndarray:
    exact = np.array([math.erf(value) for value in x.astype(np.float64)])
    return np.abs(erf(x) - exact) / np.maximum(np.abs(exact), SMALLEST_NORMAL)


@pytest.mark.parametrize("dtype, error", [(np.float64, 1e-15), (np.float32, 3e-7)])
def test_errors_stay_below_the_promised_bound(dtype, error):
    rng = np.random.default_rng(0)
    x = np.concatenate([EDGES, -EDGES, rng.normal(size=20_000), np.geomspace(1e-20, 10, 5_000)]).astype(dtype)
    assert erf(x).dtype == dtype
    assert relative_error(x).max() <= error


@given(st.floats(allow_nan=False))
def test_any_number(value):
    result = erf(np.array([value]))
    assert abs(result[0] - math.erf(value)) <= 1e-15 * abs(math.erf(value)) + 1e-300
    assert erf(np.array([-value])) == -result


def test_nan_stays_nan_and_shapes_are_kept():
    x = np.array([[np.nan, np.inf, -np.inf], [0.0, -0.0, 6.5]])
    np.testing.assert_array_equal(erf(x), [[np.nan, 1, -1], [0, 0, 1]])
    assert math.copysign(1, erf(x)[1, 1]) == -1
