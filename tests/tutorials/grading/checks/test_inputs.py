"""Inputs for properties."""

import numpy as np
from hypothesis import given
from hypothesis.strategies import integers

from minirearec_tutorials.grading.checks import numbers, seeds, sizes, slope


@given(sizes(2, 4), seeds())
def test_sizes_and_seeds_keep_to_their_ranges(size, seed):
    assert 2 <= size <= 4 and 0 <= seed <= 999


@given(seeds(), integers(1, 3), integers(1, 3))
def test_numbers_repeat_have_a_shape_and_two_places(seed, rows, columns):
    drawn = numbers(seed, rows, columns)
    assert drawn.shape == (rows, columns) and (drawn == np.round(drawn, 2)).all()
    assert (numbers(seed, rows, columns) == drawn).all()


def test_another_seed_or_shape_gives_other_numbers():
    assert not np.array_equal(numbers(0, 2, 3), numbers(1, 2, 3))
    assert not np.array_equal(numbers(0, 2, 3).ravel(), numbers(0, 3, 2).ravel())
    assert np.abs(numbers(0, 1000, scale=100.0)).mean() > 50


def test_the_slope_of_a_sum_of_squares_is_twice_its_argument():
    x = numbers(3, 2, 3)
    before = x.copy()
    np.testing.assert_allclose(slope(lambda moved: (moved ** 2).sum(), x), 2 * x, rtol=1e-6, atol=1e-8)
    assert (x == before).all()
