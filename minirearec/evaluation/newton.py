"""Newton's method for the few weights that are fitted on validation, deterministic and without a step size."""

from collections.abc import Callable

import numpy as np

MOST_STEPS = 50
ENOUGH = 1e-9  # what another step would gain
Loss = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]


def minimise(loss: Loss, weights: np.ndarray) -> np.ndarray:
    """Return the weights [n] at a minimum of ``loss(weights) -> (value, gradient [n], curvature [n, n])``.

    ``w <- w - C^-1 g``, with half the step as long as that does not lower the loss. The curvature is the Hessian, or a
    larger matrix for a loss that is not convex. Where it is singular, the smallest step is taken.
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
