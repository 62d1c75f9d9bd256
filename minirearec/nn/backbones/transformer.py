"""The transformer encoder that backbones share: they differ in which items a position may see, in PyTorch.

Twin: ``minirearec.reference.backbones.transformer``. Source: paper section 3.1; Vaswani et al. 2017.
"""

import torch
from torch import Tensor

from minirearec.nn.attention import attention, last_mask, merge_heads
from minirearec.nn.backbones.blocks import finish_block, input_layer, last_positions, project
from minirearec.nn.ops import embedding
from minirearec.nn.positions import add_positions, distance_bias


def transform(weights: dict, items: Tensor, heads: int, mask: Tensor, drop=None) -> tuple[Tensor, list]:
    """Encode histories: ``x_i = item_embedding[items_i] + position_embedding[i]``, the input layer, then the blocks.

    Other positions than absolute ones enter as ``nn.positions`` says.

    Shapes: items [B, T] indices, padded on the right with any valid index; mask [1 or B, 1, 1 or T, T] booleans: which
    items (last axis) a position may see; states [B, T, D]; cache: the keys and values of each block [B, H, T, D/H].
    Twin: ``reference.backbones.transformer.transform``.
    """
    x = add_positions(weights, embedding(weights["item_embedding"], items))
    x, cache = input_layer(weights, x, drop, "items."), []
    bias = distance_bias(weights, torch.arange(items.shape[1], device=items.device)[None], items.shape[1])
    for index, block in enumerate(weights["blocks"]):
        site = f"items.block{index}."
        query, key, value = project(block, x, heads)
        mixed = attention(query, key, value, mask, drop, site, bias)
        x = finish_block(block, x, merge_heads(mixed), drop, site)
        cache.append((key, value))
    return x, cache


def transform_last(weights: dict, items: Tensor, lengths: Tensor, heads: int, mask: Tensor,
                   drop=None) -> tuple[Tensor, list]:
    """Encode histories of which only the last state is wanted.

    As ``transform``, but for all items except the last, the final block computes only the keys and values that the
    reasoning steps attend to. Shapes: items [B, T] padded on the right, lengths [B], state [B, 1, D], cache as
    ``transform`` returns it. Twin: ``reference.backbones.transformer.transform_last``.
    """
    *earlier, block = weights["blocks"]
    x, cache = transform({**weights, "blocks": earlier}, items, heads, mask, drop)
    site, last = f"items.block{len(earlier)}.", last_positions(x, lengths)
    key, value = project(block, x, heads, ("key", "value"))
    [query] = project(block, last, heads, ("query",))
    T = items.shape[1]
    bias = distance_bias(weights, lengths[:, None] - 1, T)
    mixed = attention(query, key, value, last_mask(lengths, T), drop, site, bias)
    return finish_block(block, last, merge_heads(mixed), drop, site), [*cache, (key, value)]
