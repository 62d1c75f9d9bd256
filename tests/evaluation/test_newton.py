"""Newton's method finds the minimum of a convex loss, and lowers one that is not."""

import numpy as np
import pytest

from minirearec.evaluation.newton import minimise


def test_a_quadratic_takes_one_step_even_if_a_direction_does_not_matter():
    matrix, target, calls = np.diag([2.0, 0.5, 0.0]), np.array([1.0, -3.0, 7.0]), []

    def loss(x):
        calls.append(x)
        return (x - target) @ matrix @ (x - target) / 2, matrix @ (x - target), matrix

    assert minimise(loss, np.zeros(3)) == pytest.approx([1.0, -3.0, 0.0])
    assert len(calls) == 2


def test_a_step_that_is_too_long_is_halved():
    def loss(x):  # its Newton step from 3 overshoots by far
        return float(np.log(np.cosh(x)).sum()), np.tanh(x), np.diag(1 / np.cosh(x) ** 2)

    assert minimise(loss, np.array([3.0])) == pytest.approx([0.0], abs=1e-4)
