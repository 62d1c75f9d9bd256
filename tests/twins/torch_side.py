"""The PyTorch side of a pair: the same arguments, as tensors that record gradients, and the same dropout."""

import numpy as np
import torch

from minirearec.reference.ops import Dropout
from tests.compare import leaves

FROZEN = {"item_features"}  # read, but not trained


def to_torch(value):
    """Turn arrays into tensors (leaves of the graph if floating-point), a NumPy Dropout into a function of tensors."""
    if isinstance(value, dict):
        return {key: torch.tensor(part) if key in FROZEN else to_torch(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(to_torch(part) for part in value)
    if isinstance(value, np.ndarray):
        return torch.tensor(value, requires_grad=value.dtype.kind == "f")
    if isinstance(value, Dropout):
        return TheSame(value)
    return value


class TheSame:
    """A NumPy Dropout as a function of tensors."""

    def __init__(self, drop: Dropout):
        self.drop = drop

    def __call__(self, x, site):
        return x * torch.from_numpy(self.drop(np.ones(x.shape), site)).to(x.dtype)

    def normal(self, x, site):
        return torch.from_numpy(self.drop.normal(np.ones(x.shape), site)).to(x.dtype)


def differentiable(value) -> bool:
    """Return whether an argument has a gradient: a floating-point array, or a structure with one."""
    return any(isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" for leaf in leaves(value).values())


def gradients(outputs, cotangents, arguments: list) -> list:
    """Return autograd's gradients: for each argument a dict from path to gradient."""
    outputs, cotangents = leaves(outputs), leaves(cotangents)
    pairs = [(outputs[path], torch.as_tensor(cotangents[path])) for path in outputs if outputs[path].requires_grad]
    torch.autograd.backward(*zip(*pairs, strict=True))
    return [{path: leaf.grad for path, leaf in leaves(argument).items() if leaf.grad is not None}
            for argument in arguments]
