"""One reasoning step of the paper: one more position of the encoder, with gradients.

Twin: ``minirearec.nn.steps``. Source: paper section 3.2. What else a step can be is in ``reasoners``.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import (
    merge_heads,
    merge_heads_backward,
    reasoning_attention,
    reasoning_attention_backward,
)
from minirearec.reference.backbones.blocks import (
    finish_block,
    finish_block_backward,
    input_layer,
    input_layer_backward,
    project,
    project_backward,
)
from minirearec.reference.positions import distance_bias, distance_bias_backward


def reasoning_step(weights: dict, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
                   drop=None, site: str = "") -> tuple[ndarray, list]:
    """Pass one more position through the encoder, after the items and the earlier steps of its prefix.

    Shapes: x [B, Q, D], the reasoning input r_{k-1} + p_k; item_cache: per block keys and values
    [B, H, T, D/H]; step_cache: per block keys and values [B, H, Q, k-1, D/H], or an empty list at the
    first step; mask [1 or B, 1, Q, T]. Returns r_k [B, Q, D] and the step cache with this step appended.
    Twin: ``nn.steps.reasoning_step``.
    """
    state, grown, _ = reasoning_step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)
    return state, grown


def reasoning_step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site) -> tuple[ndarray, list, list]:
    """Take a reasoning_step, and keep each block's input, queries and attention output."""
    x, grown, kept = input_layer(weights, x, drop, site), [], []
    bias = distance_bias(weights, *_step_places(mask, 1 + (step_cache[0][0].shape[3] if step_cache else 0)))
    for index, block in enumerate(weights["blocks"]):
        query, key, value = project(block, x, heads)
        step_key, step_value = key[:, :, :, None], value[:, :, :, None]  # [B, H, Q, 1, D/H]
        if step_cache:
            step_key = np.concatenate([step_cache[index][0], step_key], 3)
            step_value = np.concatenate([step_cache[index][1], step_value], 3)
        place, (item_key, item_value) = f"{site}block{index}.", item_cache[index]
        mixed = reasoning_attention(query, item_key, item_value, step_key, step_value, mask, drop, place, bias)
        mixed = merge_heads(mixed)
        kept.append((x, query, mixed))
        grown.append((step_key, step_value))
        x = finish_block(block, x, mixed, drop, place)
    return x, grown, kept


def _step_places(mask: ndarray, k: int) -> tuple[ndarray, int, int]:
    """Return what ``positions.distance_bias`` reads of step k: the last place of each prefix [1 or B, Q], T and k."""
    return mask[:, 0].sum(-1) - 1, mask.shape[-1], k


def reasoning_step_backward(grad_out: tuple[ndarray, list], weights: dict, x: ndarray, item_cache: list,
                            step_cache: list, mask: ndarray, heads: int, drop=None,
                            site: str = "") -> tuple[dict, ndarray, list, list]:
    """Go back through the blocks from the last to the first.

    ``grad_out`` is the pair (dr_k [B, Q, D], and for each block the gradients of the grown step cache
    [B, H, Q, k, D/H], which later steps read). The step keys and values of a block receive gradients from this
    step's attention and from later steps. The last slice of the sum belongs to this step's own projections, the
    other k-1 slices to the cache from the steps before.
    Returns the gradients of the weights, of x, of the item cache and of the step cache.
    """
    _, grown, kept = reasoning_step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)
    gradients = reasoning_step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept)
    return gradients if step_cache else (*gradients[:3], [])


def reasoning_step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept):
    """Run the second half of reasoning_step_backward, from the result of reasoning_step_keeping."""
    grad, grad_grown = grad_out
    places = _step_places(mask, grown[0][0].shape[3])
    bias = distance_bias(weights, *places)
    grad_bias: Any = None if bias is None else np.zeros_like(bias)
    grad_blocks: list[dict] = [{}] * len(kept)
    grad_items: list[tuple] = [()] * len(kept)
    grad_steps: list[tuple] = [()] * len(kept)
    for index in reversed(range(len(kept))):
        place, block, (inside, query, mixed) = f"{site}block{index}.", weights["blocks"][index], kept[index]
        finish, grad_inside, grad_mixed = finish_block_backward(grad, block, inside, mixed, drop, place)
        (item_key, item_value), (key, value) = item_cache[index], grown[index]
        grad_query, grad_key, grad_value, *grad_step, own_bias = reasoning_attention_backward(
            merge_heads_backward(grad_mixed, query), query, item_key, item_value, key, value, mask, drop, place, bias)
        grad_bias = None if bias is None else grad_bias + own_bias
        step_key, step_value = (own + later for own, later in zip(grad_step, grad_grown[index], strict=True))
        projected = grad_query, step_key[:, :, :, -1], step_value[:, :, :, -1]
        grad_projections, through = project_backward(projected, block, inside, heads)
        grad_blocks[index] = finish | grad_projections
        grad_items[index] = grad_key, grad_value
        grad_steps[index] = step_key[:, :, :, :-1], step_value[:, :, :, :-1]
        grad = grad_inside + through
    grad_input, grad_x = input_layer_backward(grad, weights, x, drop, site)
    grad_distances = distance_bias_backward(grad_bias, weights, *places)
    return {**grad_input, **grad_distances, "blocks": grad_blocks}, grad_x, grad_items, grad_steps
