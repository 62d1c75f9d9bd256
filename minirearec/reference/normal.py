"""The distribution function of the normal distribution for whole arrays; NumPy has none.

Between the points of a fine grid, a short Taylor polynomial gives Phi. We compute the coefficients once, when this
module is imported, from ``math.erfc`` and the derivatives of Phi, which are Hermite polynomials times the density:
``Phi^(n)(g) = (-1)^(n-1) He_{n-1}(g) phi(g)`` with ``phi(g) = exp(-g^2 / 2) / sqrt(2 pi)``.
Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.
"""

import math

import numpy as np

CELLS = 256  # grid points per unit: no x is further than 1/512 from one
END = 9  # Phi(9) is 1 in float64, Phi(-9) is 0 as a part of a sum with 1
DEGREES = {np.dtype(np.float64): 5, np.dtype(np.float32): 2}  # keeps errors below the rounding of the dtype


def _taylor_table(degree: int) -> np.ndarray:
    """Return ``table[i, n] = Phi^(n)(g_i) / n! / CELLS^n`` at the grid points g_i, shape [points, degree+1]."""
    grid = np.arange(-END * CELLS, END * CELLS + 1) / CELLS
    density = np.exp(-grid**2 / 2) / math.sqrt(2 * math.pi)
    hermite = [np.ones_like(grid), grid]  # He_0, He_1, then He_n = g He_{n-1} - (n-1) He_{n-2}
    for n in range(2, degree):
        hermite.append(grid * hermite[-1] - (n - 1) * hermite[-2])
    columns = [np.array([math.erfc(-point / math.sqrt(2)) / 2 for point in grid])]
    columns += [(-1) ** (n - 1) * hermite[n - 1] * density / math.factorial(n) / CELLS**n
                for n in range(1, degree + 1)]
    table = np.stack(columns, 1)
    table[0] = 0.0  # for all x below the grid
    return table


TABLES = {dtype: _taylor_table(degree).astype(dtype) for dtype, degree in DEGREES.items()}


def normal_cdf(x: np.ndarray) -> np.ndarray:
    """Compute the distribution function ``Phi(x) = (1 + erf(x / sqrt 2)) / 2``, in the dtype of x.

    Shape: any; float32 or float64. Absolute error below 3e-16 in float64 and 2e-7 in float32; NaN gives 0.
    """
    place = np.fmin(np.fmax(x, -END), END) * x.dtype.type(CELLS)
    nearest = np.rint(place)
    place -= nearest
    table = TABLES[x.dtype]
    terms = table.take(nearest.astype(np.intp) + END * CELLS, axis=0)  # [..., degree+1]
    result = terms[..., -1]
    for n in range(table.shape[1] - 2, -1, -1):
        result = result * place
        result += terms[..., n]
    return result
