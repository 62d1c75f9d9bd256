"""A step is one more position of the encoder, as in the paper, with gradients.

Twin: ``minirearec.nn.reasoners.shared``. Source: paper section 3.2.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step, reasoning_step_keeping, reasoning_step_way_back


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = encoder(x | items, steps before k)`` and the step cache; see ``steps.reasoning_step``.

    This is the form of all reasoners. Shapes: state r_{k-1} [B, Q, D]; x [B, Q, D], the reasoning input r_{k-1} + p_k,
    with noise in a noised pass; the others as in ``reasoning_step``. Twin: ``nn.reasoners.shared.step``.
    """
    return reasoning_step(weights, x, item_cache, step_cache, mask, heads, drop, site)


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back as in ``steps.reasoning_step_backward``; r_{k-1} does not matter beside x.

    Returns the gradients of the weights, of r_{k-1}, of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    return reasoning_step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    grad_weights, grad_x, grad_items, grad_steps = reasoning_step_way_back(
        grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept)
    return grad_weights, np.zeros_like(x), grad_x, grad_items, grad_steps


REASONERS["shared"] = Steps(step_keeping, step_way_back)
