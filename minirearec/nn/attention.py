"""Multi-head attention over items and over reasoning steps, in PyTorch.

Twin: ``minirearec.reference.attention``. Source: Vaswani et al. 2017 (attention), Kang and McAuley 2018
(SASRec: the causal mask), paper section 3.2 (the reasoning steps).
"""

import torch
from torch import Tensor

from minirearec.nn.ops import apply_dropout, softmax


def causal_mask(T: int, device=None) -> Tensor:
    """Return which items each position may see: ``mask[i, j] = (j <= i)``.

    Shape: [1, 1, T, T], booleans; the leading axes stand for any batch and any head.
    Twin: ``reference.attention.causal_mask``.
    """
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()[None, None]


def last_mask(lengths: Tensor, T: int) -> Tensor:
    """Return which items the last position of each history may see: ``mask[b, j] = (j < lengths[b])``.

    Shapes: lengths [B], mask [B, 1, 1, T] booleans. Twin: ``reference.attention.last_mask``.
    """
    return (torch.arange(T, device=lengths.device) < lengths[:, None])[:, None, None, :]


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Split the width into heads: [B, T, D] -> [B, H, T, D/H]. Twin: ``reference.attention.split_heads``.

    The result is contiguous, or every reasoning step would copy the cached keys and values again.
    """
    B, T, D = x.shape
    return x.view(B, T, heads, D // heads).transpose(1, 2).contiguous()  # [B, H, T, D/H]


def merge_heads(x: Tensor) -> Tensor:
    """Undo split_heads: [B, H, T, D/H] -> [B, T, D]. Twin: ``reference.attention.merge_heads``."""
    B, H, T, d = x.shape
    return x.transpose(1, 2).reshape(B, T, H * d)  # [B, T, D]


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, drop=None, site: str = "",
              bias: Tensor | None = None) -> Tensor:
    """Compute scaled dot-product attention: ``softmax(q k^T / sqrt(d) + bias + log mask) v`` with d = D/H.

    Shapes: query [B, H, Q, d], key and value [B, H, T, d], mask [1 or B, 1, Q, T] booleans with at
    least one True per row, bias [1 or B, H, Q, T] or None, out [B, H, Q, d]. ``drop`` acts on the weights.
    Twin: ``reference.attention.attention``.
    """
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5  # [B, H, Q, T]
    scores = scores if bias is None else scores + bias
    weights = softmax(scores.masked_fill(~mask, float("-inf")))
    return apply_dropout(weights, drop, site + "weights") @ value


def reasoning_attention(query: Tensor, key: Tensor, value: Tensor, step_key: Tensor, step_value: Tensor,
                        mask: Tensor, drop=None, site: str = "", bias: Tensor | None = None) -> Tensor:
    """Attend with one softmax to the items of a prefix and to the reasoning steps of that same prefix.

    ``softmax([q k^T, q s^T] / sqrt(d) + bias + log mask) [v; u]``: position i sees the cached items that the
    mask allows (items up to i) and its *own* reasoning keys s_1 .. s_k, never those of other positions.

    Shapes: query [B, H, Q, d]; key and value [B, H, T, d]; step_key and step_value [B, H, Q, k, d], the
    current step last; mask [1 or B, 1, Q, T]; bias [1 or B, H, Q, T+k] or None; out [B, H, Q, d].
    Source: paper section 3.2; the all-prefix form is ours. Twin: ``reference.attention.reasoning_attention``.
    """
    T = key.shape[2]
    items = (query @ key.transpose(-1, -2)).masked_fill(~mask, float("-inf"))  # [B, H, Q, T]
    steps = (query[:, :, :, None] * step_key).sum(-1)  # [B, H, Q, k]
    logits = torch.cat([items, steps], -1) / query.shape[-1] ** 0.5  # [B, H, Q, T+k]
    weights = softmax(logits if bias is None else logits + bias)
    weights = apply_dropout(weights, drop, site + "weights")
    return weights[..., :T] @ value + (weights[..., T:, None] * step_value).sum(-2)
