"""The transformer encoder that backbones share: they differ in which items a position may see, with gradients.

Twin: ``minirearec.nn.backbones.transformer``. Source: paper section 3.1; Vaswani et al. 2017.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import attention, attention_backward, last_mask, merge_heads, merge_heads_backward
from minirearec.reference.backbones.blocks import (
    finish_block,
    finish_block_backward,
    input_layer,
    input_layer_backward,
    last_positions,
    last_positions_backward,
    project,
    project_backward,
)
from minirearec.reference.ops import embedding, embedding_backward
from minirearec.reference.positions import (
    add_positions,
    add_positions_backward,
    distance_bias,
    distance_bias_backward,
)
from minirearec.weights import add


def transform(weights: dict, items: ndarray, heads: int, mask: ndarray, drop=None) -> tuple[ndarray, list]:
    """Encode histories: ``x_i = item_embedding[items_i] + position_embedding[i]``, the input layer, then the blocks.

    Other positions than absolute ones enter as ``reference.positions`` says.

    Shapes: items [B, T] indices, padded on the right with any valid index; mask [1 or B, 1, 1 or T, T] booleans: which
    items (last axis) a position may see; states [B, T, D]; cache: the keys and values of each block [B, H, T, D/H].
    Twin: ``nn.backbones.transformer.transform``.
    """
    states, cache, _ = transform_keeping(weights, items, heads, mask, drop)
    return states, cache


def transform_keeping(weights: dict, items: ndarray, heads: int, mask: ndarray,
                      drop=None) -> tuple[ndarray, list, tuple]:
    """Encode, and keep for the way back the mask, and each block's input, queries and attention output."""
    T = items.shape[1]
    x = add_positions(weights, embedding(weights["item_embedding"], items))
    x, cache, kept = input_layer(weights, x, drop, "items."), [], []
    bias = distance_bias(weights, np.arange(T)[None], T)
    for index, block in enumerate(weights["blocks"]):
        site = f"items.block{index}."
        query, key, value = project(block, x, heads)
        mixed = merge_heads(attention(query, key, value, mask, drop, site, bias))
        kept.append((x, query, mixed))
        cache.append((key, value))
        x = finish_block(block, x, mixed, drop, site)
    return x, cache, (mask, kept)


def transform_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, mask: ndarray,
                       drop=None) -> dict:
    """Run the forward pass once, keeping each block's input; then go back from the last block to the first.

    ``grad_out`` is the pair (gradient of the states [B, T, D], gradients of each block's cached keys and
    values). Keys and values have two readers, the block's own attention and the readers of the cache, so
    their gradients are sums of two terms. The gradient of the item table adds up all places of an item; row i
    of the position table's gradient adds up position i of all histories; that of a distance bias adds up the blocks.
    Returns the gradients of the weights
    that transform reads.
    """
    _, cache, kept = transform_keeping(weights, items, heads, mask, drop)
    return transform_way_back(grad_out, weights, items, heads, drop, cache, kept)


def transform_way_back(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop, cache: list,
                       kept: tuple) -> dict:
    """Run the second half of transform_backward, from the result of transform_keeping."""
    (grad, grad_cache), (mask, kept_blocks), T = grad_out, kept, items.shape[1]
    places = np.arange(T)[None]
    bias = distance_bias(weights, places, T)
    grad_bias: Any = None if bias is None else np.zeros_like(bias)
    grad_blocks: list[dict] = [{}] * len(kept_blocks)
    for index in reversed(range(len(kept_blocks))):
        site, block, (x, query, mixed) = f"items.block{index}.", weights["blocks"][index], kept_blocks[index]
        finish, grad_x, grad_mixed = finish_block_backward(grad, block, x, mixed, drop, site)
        key, value = cache[index]
        grad_query, grad_key, grad_value, own_bias = attention_backward(
            merge_heads_backward(grad_mixed, query), query, key, value, mask, drop, site, bias)
        grad_bias = None if bias is None else grad_bias + own_bias
        cached_key, cached_value = grad_cache[index]
        projected = grad_query, grad_key + cached_key, grad_value + cached_value
        grad_projections, through = project_backward(projected, block, x, heads)
        grad_blocks[index] = finish | grad_projections
        grad = grad_x + through

    table = weights["item_embedding"]
    x = embedding(table, items)
    grad_input, grad_x = input_layer_backward(grad, weights, add_positions(weights, x), drop, "items.")
    grad_positions, grad_x = add_positions_backward(grad_x, weights, x)
    return {**grad_input, **grad_positions, **distance_bias_backward(grad_bias, weights, places, T),
            "blocks": grad_blocks, "item_embedding": embedding_backward(grad_x, table, items)}


def transform_last(weights: dict, items: ndarray, lengths: ndarray, heads: int, mask: ndarray,
                   drop=None) -> tuple[ndarray, list]:
    """Encode histories of which only the last state is wanted.

    As ``transform``, but for all items except the last, the final block computes only the keys and values that the
    reasoning steps attend to. Shapes: items [B, T] padded on the right, lengths [B], state [B, 1, D], cache as
    ``transform`` returns it. Twin: ``nn.backbones.transformer.transform_last``.
    """
    state, cache, _ = transform_last_keeping(weights, items, lengths, heads, mask, drop)
    return state, cache


def transform_last_keeping(weights: dict, items: ndarray, lengths: ndarray, heads: int, mask: ndarray,
                           drop=None) -> tuple[ndarray, list, tuple]:
    """Encode, and keep for the way back the lengths, what the last block made, and what transform_keeping keeps."""
    *earlier, block = weights["blocks"]
    x, cache, kept = transform_keeping({**weights, "blocks": earlier}, items, heads, mask, drop)
    site, last = f"items.block{len(earlier)}.", last_positions(x, lengths)
    key, value = project(block, x, heads, ("key", "value"))
    [query] = project(block, last, heads, ("query",))
    T = items.shape[1]
    bias = distance_bias(weights, lengths[:, None] - 1, T)
    mixed = merge_heads(attention(query, key, value, last_mask(lengths, T), drop, site, bias))
    return finish_block(block, last, mixed, drop, site), [*cache, (key, value)], (lengths, (x, query, mixed), kept)


def transform_last_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, lengths: ndarray, heads: int,
                            mask: ndarray, drop=None) -> dict:
    """Go back through the last block, then as in transform_backward through the earlier ones.

    With ``l = x[last]``, ``q = W_q l`` and ``k = W_k x``, ``v = W_v x``: the gradient of x has two parts, from k and v
    (their own readers and those of the cache) at every position, and at the last position also from l, which q and
    the residual sum read: ``dx = W_k^T dk + W_v^T dv + place(dl + W_q^T dq)``.
    """
    _, cache, kept = transform_last_keeping(weights, items, lengths, heads, mask, drop)
    return transform_last_way_back(grad_out, weights, items, heads, drop, cache, kept)


def transform_last_way_back(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop,
                            cache: list, kept: tuple) -> dict:
    """Run the second half of transform_last_backward, from the result of transform_last_keeping."""
    grad, (*grad_cache, (cached_key, cached_value)) = grad_out
    lengths, (x, query, mixed), kept_earlier = kept
    *earlier, block = weights["blocks"]
    site, last, (key, value) = f"items.block{len(earlier)}.", last_positions(x, lengths), cache[-1]
    finish, grad_last, grad_mixed = finish_block_backward(grad, block, last, mixed, drop, site)
    places, T = lengths[:, None] - 1, items.shape[1]
    grad_query, grad_key, grad_value, grad_bias = attention_backward(
        merge_heads_backward(grad_mixed, query), query, key, value, last_mask(lengths, T), drop, site,
        distance_bias(weights, places, T))
    of_query, through = project_backward((grad_query,), block, last, heads, ("query",))
    of_others, grad_x = project_backward((grad_key + cached_key, grad_value + cached_value), block, x, heads,
                                         ("key", "value"))
    grad_x = grad_x + last_positions_backward(grad_last + through, x, lengths)
    gradients = transform_way_back((grad_x, grad_cache), {**weights, "blocks": earlier}, items, heads, drop, cache[:-1],
                                   kept_earlier)
    gradients["blocks"].append(finish | of_query | of_others)
    return add(gradients, distance_bias_backward(grad_bias, weights, places, T))
