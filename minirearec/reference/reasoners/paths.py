"""Think in parallel: several streams take every step side by side, with gradients.

Twin: ``minirearec.nn.reasoners.paths``, which says why.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step_keeping, reasoning_step_way_back


def spread(weights: dict, x: ndarray) -> ndarray:
    """Return the input of every stream, ``x + o_m``: [B, Q, D] -> [B, Q M, D]. Twin: ``nn.reasoners.paths.spread``."""
    return (x[:, :, None] + weights["path_embedding"]).reshape(len(x), -1, x.shape[-1])


def spread_backward(grad_out: ndarray, weights: dict, x: ndarray) -> tuple[dict, ndarray]:
    """Return the gradients of the vectors, ``do_m = sum_{b,q} G_{bqm}``, and of x, ``dx = sum_m G_m``."""
    streams = grad_out.reshape(*x.shape[:2], -1, x.shape[2])  # [B, Q, M, D]
    return {"path_embedding": streams.sum((0, 1))}, streams.sum(2)


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = mean_m encoder(x + o_m | items, steps of stream m before k)``.

    Shapes: as in ``shared.step``, but the step cache holds keys and values of all streams, [B, H, Q M, k, D/H].
    Twin: ``nn.reasoners.paths.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Give every stream ``G / M``, go back through the encoder, and add up what the streams' inputs receive.

    Returns the gradients of the weights, of r_{k-1}, of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    M, given = len(weights["path_embedding"]), spread(weights, x)
    reached, grown, kept = reasoning_step_keeping(weights, given, item_cache, step_cache, mask.repeat(M, 2), heads,
                                                  drop, site)
    return reached.reshape(*x.shape[:2], M, -1).mean(2), grown, (given, kept)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    (grad, grad_grown), (given, inside), M = grad_out, kept, len(weights["path_embedding"])
    gradients, grad_given, grad_items, grad_steps = reasoning_step_way_back(
        (grad.repeat(M, 1) / M, grad_grown), weights, given, item_cache, grown, mask.repeat(M, 2), heads, drop, site,
        inside)
    of_paths, grad_x = spread_backward(grad_given, weights, x)
    return gradients | of_paths, np.zeros_like(x), grad_x, grad_items, grad_steps


REASONERS["paths"] = Steps(step_keeping, step_way_back)
