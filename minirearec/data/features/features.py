"""Features of items: a matrix with a row for each item, where it came from, and what makes one unusable."""

import hashlib
from collections import Counter
from functools import cached_property
from pathlib import Path

import numpy as np

from minirearec.errors import DataError

ROWS = "A matrix of features has a row for each item, in the order of the item ids."


class Features:
    """The vectors of a data set's items: ``values`` float32 [V, F]. A row of zeros: the item has no features.

    ``origin`` says in one line how they were made; ``sha256`` is that of the values and their shape.
    """

    def __init__(self, values: np.ndarray, origin: str, n_items: int | None = None):
        """Check the values; see ``check``."""
        self.values = check(values, len(values) if n_items is None else n_items, origin)
        self.origin, self.sha256 = origin, values_sha256(self.values)

    @property
    def width(self) -> int:
        return self.values.shape[1]

    @property
    def missing(self) -> int:
        """Count the items that have no features."""
        return int((~self.values.any(axis=1)).sum())

    @cached_property
    def alike(self) -> int:
        """Count the items whose features another item has, too: a model of features alone cannot tell these apart."""
        rows = Counter(hash(row.tobytes()) for row in self.values[self.values.any(axis=1)])
        return sum(count for count in rows.values() if count > 1)

    def take(self, items: np.ndarray) -> "Features":
        """Return the features of some items, by index."""
        return Features(self.values[items], self.origin)


def check(values: np.ndarray, n_items: int, where: str, fix: str = ROWS) -> np.ndarray:
    """Return values as float32 [V, F]. Raises DataError for other shapes, NaN, infinity, and zeros everywhere."""
    if values.ndim != 2 or values.dtype.kind not in "fiu" or not values.shape[1]:
        raise DataError(f"holds an array of type {values.dtype} and shape {values.shape}, not a matrix of numbers",
                        where, fix)
    if len(values) != n_items:
        raise DataError(f"has {len(values):,} rows for {n_items:,} items", where, fix)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity
        values = np.asarray(values, dtype=np.float32)
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise DataError(f"row {int(np.argmin(finite))} holds NaN, infinity or a number too large for float32", where,
                        "Every value must be a finite number; give an item without features a row of zeros.")
    if not values.any():
        raise DataError("is zero everywhere", where, "At least one item must have features.")
    return values


def values_sha256(values: np.ndarray) -> str:
    """Return the sha256 of a float32 matrix and its shape; it is the same on machines of either byte order."""
    digest = hashlib.sha256(f"{values.shape}".encode())
    digest.update(np.ascontiguousarray(values, dtype="<f4").data)
    return digest.hexdigest()


def read_matrix(path, fix: str) -> np.ndarray:
    """Read the array in a .npy file. Raises DataError when it holds no plain array: nothing is ever unpickled."""
    try:
        return np.array(np.lib.format.open_memmap(Path(path), mode="r"))  # not np.load, which opens more than arrays
    except FileNotFoundError:
        raise DataError("no such file", str(path), "Check the path.") from None
    except MemoryError:
        raise
    except Exception:  # NumPy's reader of headers fails in many ways, and its messages quote the file
        raise DataError("is not readable as an array of numbers (.npy)", str(path), fix) from None
