"""All items of a history take the steps, and not only the last one, with gradients.

Twin: ``minirearec.nn.reasoners.lares``, which says more. Source: LARES, arXiv 2505.16865.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.attention import attention, attention_backward, merge_heads, merge_heads_backward
from minirearec.reference.backbones.blocks import (
    finish_block,
    finish_block_backward,
    input_layer,
    input_layer_backward,
    project,
    project_backward,
)
from minirearec.reference.positions import distance_bias, distance_bias_backward
from minirearec.reference.registries import REASONERS, Steps
from minirearec.weights import combine


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``s_k = reasoning_blocks(reasoning_norm((x + h) / 2))`` and h, which takes the place of the step cache.

    Shapes: state s_{k-1} and x [B, T, D], step_cache: [(h,)] with h [B, T, D], or an empty list at the first step,
    where h is the state; mask [1 or B, 1, 1 or T, T]: which items an item may see. The item cache is not read.
    Twin: ``nn.reasoners.lares.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back through the core, from its last block to the first; then halves go to x and to h.

    With g the gradient of ``(x + h) / 2``: ``dx = g / 2``, ``dh = g / 2`` and what later steps send to h. At the first
    step h is the state itself, and dh is that of the state.
    Returns the gradients of the weights, of s_{k-1}, of x, of the item cache (0) and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep whether it is the first one, the mean of x and h, and what each block computed."""
    read = _read_once(step_cache, state)
    mean = _joined(x, read)
    T = x.shape[1]
    bias = distance_bias(weights, np.arange(T)[None], T)
    x, kept = input_layer({"input_norm": weights["reasoning_norm"]}, mean, drop, site), []
    for index, block in enumerate(weights["reasoning_blocks"]):
        place = f"{site}block{index}."
        query, key, value = project(block, x, heads)
        mixed = merge_heads(attention(query, key, value, mask, drop, place, bias))
        kept.append((x, query, key, value, mixed))
        x = finish_block(block, x, mixed, drop, place)
    return x, [(read,)], (not step_cache, mean, kept)


def _read_once(step_cache: list, state: ndarray) -> ndarray:
    """Return h: the states of the items as the encoder returned them, which are those before the first step."""
    return step_cache[0][0] if step_cache else state


def _joined(x: ndarray, read: ndarray) -> ndarray:
    """Return ``(x + h) / 2``."""
    return (x + read) / 2


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    (grad, [(grad_read,)]), (first, mean, kept_blocks) = grad_out, kept
    places, T = np.arange(x.shape[1])[None], x.shape[1]
    bias = distance_bias(weights, places, T)
    grad_bias: Any = None if bias is None else np.zeros_like(bias)
    grad_blocks: list[dict] = [{}] * len(kept_blocks)
    for index in reversed(range(len(kept_blocks))):
        place, block = f"{site}block{index}.", weights["reasoning_blocks"][index]
        inside, query, key, value, mixed = kept_blocks[index]
        finish, grad_inside, grad_mixed = finish_block_backward(grad, block, inside, mixed, drop, place)
        grad_query, grad_key, grad_value, own_bias = attention_backward(
            merge_heads_backward(grad_mixed, query), query, key, value, mask, drop, place, bias)
        grad_bias = None if bias is None else grad_bias + own_bias
        grad_projections, through = project_backward((grad_query, grad_key, grad_value), block, inside, heads)
        grad_blocks[index] = finish | grad_projections
        grad = grad_inside + through
    norm, grad_mean = input_layer_backward(grad, {"input_norm": weights["reasoning_norm"]}, mean, drop, site)
    gradients = {"reasoning_norm": norm["input_norm"], "reasoning_blocks": grad_blocks,
                 **distance_bias_backward(grad_bias, weights, places, T)}
    grad_read, nothing = grad_read + grad_mean / 2, np.zeros_like(mean)
    grad_state, grad_steps = (grad_read, nothing) if first else (nothing, grad_read)
    return gradients, grad_state, grad_mean / 2, combine(np.zeros_like, list(map(list, item_cache))), [(grad_steps,)]


REASONERS["lares"] = Steps(step_keeping, step_way_back)
