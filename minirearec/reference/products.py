"""One matrix product, to measure this machine's rate with NumPy. Twin: ``minirearec.nn.products``."""

import os
from collections.abc import Callable

import numpy as np


def product(m: int, k: int, n: int, dtype: str = "float32", device: str = "auto") -> Callable[[], None]:
    """Return a function that multiplies [m, k] by [k, n] into the same memory every time.

    NumPy has float32 and the processor alone. Twin: ``nn.products.product``.
    """
    rng = np.random.default_rng(0)
    a, b = (rng.random((rows, k), dtype=np.dtype(dtype)) for rows in (m, n))
    out = np.empty((m, n), dtype)

    def multiply() -> None:
        np.matmul(a, b.T, out=out)

    return multiply


def resources(device: str = "auto") -> tuple[int, str]:
    """Return how many threads NumPy's products use (what the environment says, or one for each core), and "cpu".

    Twin: ``nn.products.resources``.
    """
    chosen = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1
    return int(str(chosen).split(",")[0]), "cpu"  # "2,1": on two levels of nesting
