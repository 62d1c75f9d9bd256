"""Sparse matrices in plain NumPy: as much of them as TF-IDF and a randomised SVD need."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

BLOCK = 1 << 13  # nonzero values that a product takes at a time: with 138 columns they fill 9 MB


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix [n, m]. Row i has ``values[starts[i]:starts[i + 1]]`` in ``columns`` of the same range, else zeros."""

    starts: np.ndarray  # int64 [n + 1]
    columns: np.ndarray  # int64 [nonzero]
    values: np.ndarray  # float64 [nonzero]
    width: int  # m

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.starts) - 1, self.width

    @property
    def rows(self) -> np.ndarray:
        """Return the row of each value [nonzero]."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.starts))

    @cached_property
    def T(self) -> "Sparse":
        """Return the transpose [m, n]."""
        order = np.argsort(self.columns, kind="stable")
        return Sparse(starts_of(self.columns, self.width), self.rows[order], self.values[order], self.shape[0])

    def __matmul__(self, dense: np.ndarray) -> np.ndarray:
        """Return the product [n, k] with a dense matrix [m, k], a block of rows at a time."""
        product = np.zeros((self.shape[0], dense.shape[1]))
        filled = np.flatnonzero(np.diff(self.starts))  # reduceat has no sum of nothing
        cuts = np.flatnonzero(np.diff(self.starts[filled] // BLOCK)) + 1
        for rows in np.split(filled, cuts) if len(filled) else []:
            begin, end = self.starts[rows[0]], self.starts[rows[-1] + 1]
            terms = dense[self.columns[begin:end]]
            terms *= self.values[begin:end, None]
            product[rows] = np.add.reduceat(terms, self.starts[rows] - begin)
        return product


def starts_of(row: np.ndarray, count: int) -> np.ndarray:
    """Return where each of ``count`` rows begins, given the row of each value."""
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int64)
