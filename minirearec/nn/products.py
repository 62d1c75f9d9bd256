"""One matrix product, to measure this machine's rate with PyTorch. Twin: ``minirearec.reference.products``."""

from collections.abc import Callable

import torch

from minirearec.nn.devices import find_device

DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}


def product(m: int, k: int, n: int, dtype: str = "float32", device: str = "auto") -> Callable[[], None]:
    """Return a function that multiplies [m, k] by [k, n] into the same memory every time.

    The second matrix is stored as [n, k], like the weights of a linear layer and the table of items.
    Twin: ``reference.products.product``.
    """
    a, b = (torch.rand(rows, k, device=find_device(device)).to(DTYPES[dtype]) for rows in (m, n))
    out = a.new_empty(m, n)

    def multiply() -> None:
        torch.mm(a, b.T, out=out)
        if out.is_cuda:
            torch.cuda.synchronize(out.device)

    return multiply


def resources(device: str = "auto") -> tuple[int, str]:
    """Return how many threads PyTorch uses, and the name of the device. Twin: ``reference.products.resources``."""
    return torch.get_num_threads(), str(find_device(device))
