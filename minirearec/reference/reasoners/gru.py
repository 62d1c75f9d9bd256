"""An update gate decides how much of the state each step replaces, with gradients.

Twin: ``minirearec.nn.reasoners.gru``.

The update of a GRU with the encoder's output as its candidate: the gate sees the output and r_{k-1}, and mixes them
coordinate by coordinate. A reset gate is missing on purpose, since the encoder itself reads r_{k-1}. A step can thus
leave unchanged what is already right, so that more steps than in training need not hurt. Source: RecRec, arXiv
2607.12945; Cho et al. 2014, arXiv 1406.1078.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.ops import linear, linear_backward, sigmoid, sigmoid_backward
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step_keeping, reasoning_step_way_back


def gated(weights: dict, state: ndarray, output: ndarray) -> ndarray:
    """Mix a state with the encoder's output: ``r + z (o - r)`` with ``z = sigmoid(W [o, r] + b)``.

    Shapes: all [B, Q, D]. Twin: ``nn.reasoners.gru.gated``.
    """
    gate = sigmoid(linear(np.concatenate([output, state], -1), **weights["update_gate"]))
    return state + gate * (output - state)


def gated_backward(grad_out: ndarray, weights: dict, state: ndarray, output: ndarray) -> tuple[dict, ndarray, ndarray]:
    """Return the gradients of the gate's weights, of r and of o.

    With ``a = W [o, r] + b`` and ``z = sigmoid(a)``: ``da = G (o - r) z (1 - z)``; through the gate ``[do', dr'] =
    da W``; so ``do = G z + do'`` and ``dr = G (1 - z) + dr'``.
    """
    both = np.concatenate([output, state], -1)
    before = linear(both, **weights["update_gate"])
    gate = sigmoid(before)
    grad_both, grad_weight, grad_bias = linear_backward(sigmoid_backward(grad_out * (output - state), before), both,
                                                        **weights["update_gate"])
    through_output, through_state = np.split(grad_both, 2, -1)
    return ({"update_gate": {"weight": grad_weight, "bias": grad_bias}}, grad_out * (1 - gate) + through_state,
            grad_out * gate + through_output)


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = r_{k-1} + z (o - r_{k-1})`` with ``o = encoder(x | ...)`` and ``z = sigmoid(W [o, r_{k-1}] + b)``.

    Shapes: as in ``shared.step``; W [D, 2 D], z [B, Q, D]. Twin: ``nn.reasoners.gru.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back through the gate, and with the gradient of the encoder's output through the encoder.

    Returns the gradients of the weights, of r_{k-1} (through the gate), of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    output, grown, kept = reasoning_step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)
    return gated(weights, state, output), grown, (state, output, kept)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    (grad, grad_grown), (state, output, kept) = grad_out, kept
    of_gate, grad_state, grad_output = gated_backward(grad, weights, state, output)
    gradients, grad_x, grad_items, grad_steps = reasoning_step_way_back(
        (grad_output, grad_grown), weights, x, item_cache, grown, mask, heads, drop, site, kept)
    return gradients | of_gate, grad_state, grad_x, grad_items, grad_steps


REASONERS["gru"] = Steps(step_keeping, step_way_back)
