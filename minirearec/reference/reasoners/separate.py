"""The steps have blocks of their own, with gradients.

Twin: ``minirearec.nn.reasoners.separate``.

The paper shares the encoder's blocks with the steps and names their separation as future work 2. Here only the steps
pass through "reasoning_norm" and "reasoning_blocks", as many as the encoder has. They attend to the keys and values
that the encoder cached for the items: a step costs what it costs with ``shared``, and the encoder need not compute
last states that nothing reads. The blocks begin as copies of the encoder's, so that training begins as with ``shared``
and keys of steps and of items are comparable from the start. Source: paper section 6.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step_keeping, reasoning_step_way_back


def own_weights(weights: dict) -> dict:
    """Return the weights with the blocks of the steps in the place of the encoder's.

    Twin: ``nn.reasoners.separate.own_weights``.
    """
    others = {name: part for name, part in weights.items() if name not in ("reasoning_norm", "reasoning_blocks")}
    return {**others, "input_norm": weights["reasoning_norm"], "blocks": weights["reasoning_blocks"]}


def own_weights_backward(grad_out: dict, weights: dict) -> dict:
    """Return the gradients under the names that the weights have in the model; what is replaced has none."""
    others = {name: part for name, part in grad_out.items() if name not in ("input_norm", "blocks")}
    return {**others, "reasoning_norm": grad_out["input_norm"], "reasoning_blocks": grad_out["blocks"]}


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = reasoning_blocks(reasoning_norm(x) | items, steps before k)``.

    Shapes: as in ``shared.step``. Twin: ``nn.reasoners.separate.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back as in ``steps.reasoning_step_backward``, through blocks of other names.

    Returns the gradients of the weights, of r_{k-1}, of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    return reasoning_step_keeping(own_weights(weights), x, item_cache, step_cache, mask, heads, drop, site)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    gradients, grad_x, grad_items, grad_steps = reasoning_step_way_back(
        grad_out, own_weights(weights), x, item_cache, grown, mask, heads, drop, site, kept)
    return own_weights_backward(gradients, weights), np.zeros_like(x), grad_x, grad_items, grad_steps


REASONERS["separate"] = Steps(step_keeping, step_way_back)
