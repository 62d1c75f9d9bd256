"""The error function of whole arrays: NumPy has none, and the standard library's takes one number at a time.

Between the points of a fine grid, a short Taylor polynomial gives erf. We compute the coefficients once, when this
module is imported, from ``math.erf`` and the derivatives of erf, which are Hermite polynomials times a
Gaussian: ``erf^(n)(g) = (-1)^(n-1) 2/sqrt(pi) H_{n-1}(g) exp(-g^2)``.
Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.19.
"""

import math

import numpy as np

CELLS = 512  # grid points per unit: no x is further than 1/1024 from one
END = 6.0  # erf(6) is 1 in float64
DEGREES = {np.dtype(np.float64): 5, np.dtype(np.float32): 3}  # keeps errors below the rounding of the dtype


def _taylor_table(degree: int) -> np.ndarray:
    """Return ``table[n, i] = erf^(n)(g_i) / n!`` at the grid points g_i = i / CELLS, shape [degree+1, points]."""
    grid = np.arange(round(END * CELLS) + 1) / CELLS
    gaussian = 2 / math.sqrt(math.pi) * np.exp(-grid**2)
    hermite = [np.ones_like(grid), 2 * grid]  # H_0, H_1, then H_n = 2 g H_{n-1} - 2 (n-1) H_{n-2}
    for n in range(2, degree):
        hermite.append(2 * grid * hermite[-1] - 2 * (n - 1) * hermite[-2])
    rows = [np.array([math.erf(point) for point in grid])]
    rows += [(-1) ** (n - 1) * gaussian * hermite[n - 1] / math.factorial(n) for n in range(1, degree + 1)]
    return np.stack(rows)


TABLES = {dtype: _taylor_table(degree).astype(dtype) for dtype, degree in DEGREES.items()}


def erf(x: np.ndarray) -> np.ndarray:
    """Compute the error function ``erf(x) = 2/sqrt(pi) * integral_0^x exp(-t^2) dt``, in the dtype of x.

    Shape: any; float32 or float64. Relative error below 1e-15 in float64 and 3e-7 in float32.
    """
    size = np.minimum(np.abs(x), x.dtype.type(END))
    nearest = np.rint(size * CELLS)
    with np.errstate(invalid="ignore"):  # NaN stays NaN through d below, whatever its cell
        cell = nearest.astype(np.intp)
    d = size - nearest / CELLS
    table = TABLES[x.dtype]
    result = table[-1].take(cell, mode="clip")
    for row in table[-2::-1]:
        result *= d
        result += row.take(cell, mode="clip")
    return np.copysign(result, x)
