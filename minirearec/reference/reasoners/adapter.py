"""The steps pass through the encoder's blocks, with small adapters of their own, with gradients.

Twin: ``minirearec.nn.reasoners.adapter``.

An adapter is a bottleneck beside a residual: ``u + up(gelu(down(u)))``. Each block has two, after its attention and
after its feed-forward layer, and only the steps use them. ``up`` begins at 0, so that training begins as with
``shared``. Source: Houlsby et al. 2019, arXiv 1902.00751.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step_keeping, reasoning_step_way_back


def with_adapters(weights: dict) -> dict:
    """Return the weights with adapters in every block. Twin: ``nn.reasoners.adapter.with_adapters``."""
    blocks = [{**block, "adapters": own} for block, own in zip(weights["blocks"], weights["adapters"], strict=True)]
    return {**{name: part for name, part in weights.items() if name != "adapters"}, "blocks": blocks}


def with_adapters_backward(grad_out: dict, weights: dict) -> dict:
    """Return the gradients with those of the adapters beside the blocks, where the weights have them."""
    blocks = [{name: part for name, part in block.items() if name != "adapters"} for block in grad_out["blocks"]]
    return {**grad_out, "blocks": blocks, "adapters": [block["adapters"] for block in grad_out["blocks"]]}


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = encoder with adapters(x | items, steps before k)``.

    Shapes: as in ``shared.step``; see also ``backbones.blocks.adapted``. Twin: ``nn.reasoners.adapter.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back as in ``steps.reasoning_step_backward``, through blocks with adapters.

    Returns the gradients of the weights, of r_{k-1}, of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    return reasoning_step_keeping(with_adapters(weights), x, item_cache, step_cache, mask, heads, drop, site)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    gradients, grad_x, grad_items, grad_steps = reasoning_step_way_back(
        grad_out, with_adapters(weights), x, item_cache, grown, mask, heads, drop, site, kept)
    return with_adapters_backward(gradients, weights), np.zeros_like(x), grad_x, grad_items, grad_steps


REASONERS["adapter"] = Steps(step_keeping, step_way_back)
