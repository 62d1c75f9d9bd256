"""The states of many single prefixes, computed in pieces, so that memory does not grow with the length of prefixes.

A backbone that is not causal reads every prefix by itself, so a batch of 2,048 long ones has 100,000 items. What all
layers keep of each for the way back would take gigabytes. The loss reads the states of all prefixes together, but
each state depends on its own prefix alone. So we compute a piece, keep only its states, and compute the piece again on
the way back (checkpointing): the same numbers, for a third more work in batches that have more than one piece. Rows
come sorted by length, so pieces also save padding.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from minirearec.memory import PIECE
from minirearec.nn.ops import Dropout
from minirearec.nn.reasoning import last_states
from minirearec.parts import SHARED, Reasoning


def piecewise_states(weights: dict, items: Tensor, lengths: Tensor, steps: int, heads: int, noise: Tensor | None,
                     drop: Dropout | None, backbone: str,
                     reasoning: Reasoning = SHARED) -> tuple[Tensor, Tensor | None]:
    """Return what ``reasoning.last_states`` does. Each piece has a seed for its dropout: both passes drop the same.

    Shapes: items [B, T], lengths [B], noise [B, 1, K, D]; states [B, 1, K+1, D], noised [B, 1, K, D].
    """
    pieces = list(cut(lengths.tolist(), max(1, PIECE // weights["item_embedding"].shape[1])))
    if len(pieces) == 1:
        return last_states(weights, items, lengths, steps, heads, noise, drop, backbone, reasoning)

    def piece(rows: slice, longest: int, seed: int):
        own = drop and Dropout(drop.inside, drop.input, torch.Generator(items.device).manual_seed(seed))
        return last_states(weights, items[rows, :longest], lengths[rows], steps, heads,
                           None if noise is None else noise[rows], own, backbone, reasoning)

    found = []
    for rows, longest in pieces:
        seed = 0 if drop is None else drop.seed(items.device)
        found.append(checkpoint(piece, rows, longest, seed, use_reentrant=False, preserve_rng_state=False))
    states, noised = zip(*found, strict=True)
    return torch.cat(states), None if noise is None else torch.cat(noised)


def cut(lengths: list[int], most: int) -> Iterator[tuple[slice, int]]:
    """Yield runs of rows and the longest length in each: at most ``most`` items with padding, but at least one row."""
    start, longest = 0, 0
    for row, length in enumerate(lengths):
        if row > start and (row + 1 - start) * max(longest, length) > most:
            yield slice(start, row), longest
            start, longest = row, 0
        longest = max(longest, length)
    yield slice(start, len(lengths)), longest
