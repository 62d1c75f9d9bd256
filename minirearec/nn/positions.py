"""How the order of the items enters the model, in PyTorch. Twin: ``minirearec.reference.positions``.

The weights say which of three ways it is:

- "position_embedding" [max_length, D], absolute: a vector for each place, counted from the oldest item.
- "recency_embedding" [max_length, D], recency: a vector for each place, counted from the newest item of the history.
  Implementations that pad histories on the left do the same (S3-Rec, arXiv 2008.07873; BSARec, arXiv 2312.10325).
- "distance_bias" [H, 1 or 2, max_length], relative: a number for each head and distance, which attention adds to its
  logits (Shaw et al. 2018, arXiv 1803.02155; T5: Raffel et al. 2020, arXiv 1910.10683). Longer distances share the
  last number. The second row is for later items, in a backbone that sees them. Blocks share the numbers.

Reasoning step k is the k-th position after the last item of its prefix.
"""

import torch
from torch import Tensor


def placed(weights: dict, lengths: Tensor, T: int) -> dict:
    """Return the weights with "recency_embedding" as [B, T, D], a vector for each item: ``table[lengths[b] - 1 - i]``.

    Items of padding get the vector of the newest. Weights without "recency_embedding" stay as they are.
    Shapes: lengths [B]. Twin: ``reference.positions.placed``.
    """
    if "recency_embedding" not in weights:
        return weights
    places = (lengths[:, None] - 1 - torch.arange(T, device=lengths.device)).clamp(min=0)
    return {**weights, "recency_embedding": weights["recency_embedding"][places]}


def add_positions(weights: dict, x: Tensor) -> Tensor:
    """Add the vectors of places to those of items. A recency that is not ``placed`` counts from the end of the row.

    With relative positions nothing is added. Shapes: x and out [B, T, D]. Twin: ``reference.positions.add_positions``.
    """
    if "position_embedding" in weights:
        return x + weights["position_embedding"][:x.shape[1]]
    if "recency_embedding" in weights:
        table = weights["recency_embedding"]
        return x + (table if table.ndim == 3 else table[:x.shape[1]].flip(0))
    return x


def distance_bias(weights: dict, places: Tensor, T: int, steps: int = 0) -> Tensor | None:
    """Return what attention adds to its logits, ``bias[h, distance]``; None unless positions are relative.

    A query is an item at a place, or (steps > 0) the step of this number after it. It attends to the T items j, at the
    distances ``place + steps - j``, and to its own steps m up to itself, at ``steps - m``.
    Shapes: places [B, Q], out [B, H, Q, T + steps]. Twin: ``reference.positions.distance_bias``.
    """
    if "distance_bias" not in weights:
        return None
    table = weights["distance_bias"]
    _, sides, most = table.shape
    keys = torch.arange(T + steps, device=places.device)
    keys = torch.where(keys < T, keys, keys - T + 1 + places[..., None])  # the place of each key
    distances = places[..., None] + steps - keys  # [B, Q, T + steps]
    side = (distances < 0).long() * (sides - 1)
    return table[:, side, distances.abs().clamp(max=most - 1)].transpose(0, 1)
