"""Put a batch together again that was divided among processes, for losses that compare positions with each other.

In one process nothing happens. See ``nn.distributed``.
"""

from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor

_divided = False


@contextmanager
def divided():
    """Say that each process computes with its own part of a batch, inside this block."""
    global _divided
    _divided = True
    try:
        yield
    finally:
        _divided = False


def whole_batch(noised: Tensor, clean: Tensor, groups: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return these of all processes [P, D] and [P], one process after the other; gradients go back to their owners."""
    if not _divided:
        return noised, clean, groups
    if groups is not None:
        groups = _Together.apply(groups)
    return _Together.apply(noised), _Together.apply(clean), groups


class _Together(torch.autograd.Function):
    """Concatenate the rows of all processes; backward, sum up what all of them give for each row."""

    @staticmethod
    def forward(ctx, own):
        lengths = [torch.zeros(1, dtype=torch.int64, device=own.device) for _ in range(dist.get_world_size())]
        dist.all_gather(lengths, lengths[0].new_tensor([len(own)]))
        counts = torch.cat(lengths).tolist()
        padded = own.new_zeros(max(counts), *own.shape[1:])
        padded[:len(own)] = own
        parts = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(parts, padded)
        before = sum(counts[:dist.get_rank()])
        ctx.own = slice(before, before + len(own))
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx, grad):
        summed = grad.clone()
        dist.all_reduce(summed)
        return summed[ctx.own]
