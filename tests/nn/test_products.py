"""A product in PyTorch, for its rate."""

import pytest
import torch

from minirearec.nn import products


@pytest.mark.parametrize("dtype, expected", [("float32", torch.float32), ("bf16", torch.bfloat16)])
def test_one_product_of_the_shape_and_type_asked_for(monkeypatch, dtype, expected):
    seen = []
    mm = torch.mm
    monkeypatch.setattr(products.torch, "mm", lambda a, b, out: seen.append((a.shape, b.shape, out.dtype, mm(a, b))))
    products.product(2, 3, 5, dtype, "cpu")()
    [(a, b, found, result)] = seen
    assert (a, b, found, result.shape) == ((2, 3), (3, 5), expected, (2, 5))


def test_resources():
    assert products.resources("cpu") == (torch.get_num_threads(), "cpu")
