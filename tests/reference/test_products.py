"""A product in NumPy, for its rate."""

import numpy as np

from minirearec.reference import products


def test_one_product_of_the_shape_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr(products.np, "matmul", lambda a, b, out: seen.append((a, b, out)))
    products.product(2, 3, 5)()
    [(a, b, out)] = seen
    assert a.shape == (2, 3) and b.shape == (3, 5) and out.shape == (2, 5)
    assert a.dtype == b.dtype == out.dtype == np.float32


def test_threads_are_what_the_environment_says(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert products.resources() == (3, "cpu")
    monkeypatch.setenv("OMP_NUM_THREADS", "2,1")
    assert products.resources() == (2, "cpu")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "5")
    assert products.resources() == (5, "cpu")
