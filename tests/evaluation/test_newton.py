"""Newton's method finds the minimum of a convex loss, BFGS one of a loss that is not."""

import numpy as np
import pytest

from minirearec.evaluation.newton import descend, minimise


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


def test_a_loss_that_is_not_convex_is_descended_to_a_minimum():
    """Rosenbrock's valley, which is curved, with its minimum at (1, 1)."""
    def loss(x):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, np.array(
            [2 * (x[0] - 1) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)])

    start = np.array([-1.2, 1.0])
    assert descend(loss, start, np.eye(2)) == pytest.approx([1.0, 1.0], abs=1e-4)
