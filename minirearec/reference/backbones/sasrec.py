"""The causal transformer of SASRec, with gradients. Twin: ``minirearec.nn.backbones.sasrec``.

Source: paper section 3.1; Kang and McAuley 2018.
"""

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import attention, attention_backward, causal_mask, merge_heads, merge_heads_backward
from minirearec.reference.backbones.blocks import (
    finish_block,
    finish_block_backward,
    input_layer,
    input_layer_backward,
    last_positions,
    project,
    project_backward,
)
from minirearec.reference.ops import embedding, embedding_backward
from minirearec.reference.registries import BACKBONES, Encoder


def encode(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list]:
    """Encode histories causally: the state of position i is r_0 of the prefix that ends there.

    ``x_i = item_embedding[items_i] + position_embedding[i]``, then the input layer, then the blocks.

    Shapes: items [B, T] indices, padded on the right with any valid index (under the causal mask, no
    position sees the padding after it); states [B, T, D]; cache: the keys and values of each block
    [B, H, T, D/H]. Twin: ``nn.backbones.sasrec.encode``.
    """
    states, cache, _ = encode_keeping(weights, items, heads, drop)
    return states, cache


def encode_keeping(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list, list]:
    """Encode, and keep each block's input, queries and attention output for the way back."""
    _, T = items.shape
    x = embedding(weights["item_embedding"], items) + weights["position_embedding"][:T]
    x = input_layer(weights, x, drop, "items.")
    mask, cache, kept = causal_mask(T), [], []
    for index, block in enumerate(weights["blocks"]):
        site = f"items.block{index}."
        query, key, value = project(block, x, heads)
        mixed = merge_heads(attention(query, key, value, mask, drop, site))
        kept.append((x, query, mixed))
        cache.append((key, value))
        x = finish_block(block, x, mixed, drop, site)
    return x, cache, kept


def encode_last(weights: dict, items: ndarray, lengths: ndarray, heads: int) -> tuple[ndarray, list]:
    """Encode histories and return the state of the last item alone.

    Shapes: items [B, T] padded on the right, lengths [B], state [B, 1, D], cache as ``encode`` returns it.
    Twin: ``nn.backbones.sasrec.encode_last``, which saves the work that only other states need.
    """
    states, cache = encode(weights, items, heads)
    return last_positions(states, lengths), cache


def encode_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop=None) -> dict:
    """Run the forward pass once, keeping each block's input; then go back from the last block to the first.

    ``grad_out`` is the pair (gradient of the states [B, T, D], gradients of each block's cached keys and
    values). Keys and values have two readers, the block's own attention and the readers of the cache, so
    their gradients are sums of two terms. The gradient of the item table adds up all places of an item; row i
    of the position table's gradient adds up position i of all histories. Returns the gradients of the weights
    that encode reads.
    """
    _, cache, kept = encode_keeping(weights, items, heads, drop)
    return encode_way_back(grad_out, weights, items, heads, drop, cache, kept)


def encode_way_back(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop, cache: list,
                    kept: list) -> dict:
    """Run the second half of encode_backward, from the result of encode_keeping."""
    (grad, grad_cache), mask = grad_out, causal_mask(items.shape[1])
    grad_blocks: list[dict] = [{}] * len(kept)
    for index in reversed(range(len(kept))):
        site, block, (x, query, mixed) = f"items.block{index}.", weights["blocks"][index], kept[index]
        finish, grad_x, grad_mixed = finish_block_backward(grad, block, x, mixed, drop, site)
        key, value = cache[index]
        grad_query, grad_key, grad_value = attention_backward(
            merge_heads_backward(grad_mixed, query), query, key, value, mask, drop, site)
        cached_key, cached_value = grad_cache[index]
        projected = grad_query, grad_key + cached_key, grad_value + cached_value
        grad_projections, through = project_backward(projected, block, x, heads)
        grad_blocks[index] = finish | grad_projections
        grad = grad_x + through

    table, positions = weights["item_embedding"], weights["position_embedding"]
    x = embedding(table, items) + positions[:items.shape[1]]
    grad_input, grad_x = input_layer_backward(grad, weights, x, drop, "items.")
    grad_positions = np.zeros_like(positions)
    grad_positions[:items.shape[1]] = grad_x.sum(0)
    return grad_input | {"blocks": grad_blocks, "item_embedding": embedding_backward(grad_x, table, items),
                         "position_embedding": grad_positions}


BACKBONES["sasrec"] = Encoder(encode_keeping, encode_way_back)
