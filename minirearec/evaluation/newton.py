"""Newton's method for the few weights that are fitted on validation, deterministic and without a step size."""

from collections.abc import Callable

import numpy as np

MOST_STEPS, MOST_UPDATES = 50, 1000
ENOUGH = 1e-9  # what another step would gain
Loss = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]


def minimise(loss: Loss, weights: np.ndarray) -> np.ndarray:
    """Return the weights [n] at a minimum of ``loss(weights) -> (value, gradient [n], curvature [n, n])``.

    ``w <- w - C^-1 g``, with half the step as long as that does not lower the loss. The curvature is the Hessian.
    Where it is singular, the smallest step is taken.
    """
    value, slope, curvature = loss(weights)
    for _ in range(MOST_STEPS):
        step = np.linalg.lstsq(curvature, slope, rcond=1e-10)[0]
        if slope @ step < 2 * ENOUGH:
            break
        while (found := loss(weights - step))[0] > value:
            step = step / 2
        weights = weights - step
        value, slope, curvature = found
    return weights


def descend(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], weights: np.ndarray,
            curvature: np.ndarray) -> np.ndarray:
    """Return the weights [n] at a minimum of a loss ``loss(weights) -> (value, gradient [n])`` that need not be convex.

    BFGS: the inverse of the curvature [n, n] at the start is corrected after every step ``s`` that changes the gradient
    by ``y``, ``B <- (I - s y^T / s.y) B (I - y s^T / s.y) + s s^T / s.y``, so that it stays positive definite. Source:
    Nocedal and Wright, Numerical Optimization, 2nd edition (2006), algorithm 6.1.
    """
    inverse, unit = np.linalg.inv(curvature), np.eye(len(weights))
    value, slope = loss(weights)
    for _ in range(MOST_UPDATES):
        step = -inverse @ slope
        if -slope @ step < 2 * ENOUGH:
            break
        while (found := loss(weights + step))[0] > value + 1e-4 * (slope @ step):
            step = step / 2
        change = found[1] - slope
        if (moved := change @ step) > 0:
            side = unit - np.outer(step, change) / moved
            inverse = side @ inverse @ side.T + np.outer(step, step) / moved
        weights, (value, slope) = weights + step, found
    return weights
