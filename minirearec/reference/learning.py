"""A training loss of any method, and the gradients of all weights, in one call."""

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.reference.objectives import (erl_loss_value_and_grad, last_step_loss_value_and_grad,
                                             prl_loss_value_and_grad)
from minirearec.reference.reasoning import all_prefix_keeping, all_prefix_way_back
from minirearec.weights import add


def loss_and_gradients(weights: dict, items: ndarray, targets: ndarray, counted: ndarray, steps: int, heads: int,
                       objective: ObjectiveConfig, noise: ndarray | None = None,
                       drop=None) -> tuple[ndarray, dict]:
    """The configured objective over the counted positions of a batch, and its gradient for every weight.

    The states of all prefixes in one pass; the loss over the counted ones, with the gradients of those states and
    of the item table; then the same pass backwards. The table is read twice, as input and as catalogue, and its
    gradient is the sum of both. A pass of warm-up is one without noise (prl), or with a kl_weight of 0 (erl).

    Shapes: items and targets [B, T] indices, counted [B, T] booleans (False at padding), noise [B, T, K, D] as it
    is added to the reasoning inputs (prl only), or None. Returns the loss, and a dict with the structure of weights.
    """
    states, noised, kept = all_prefix_keeping(weights, items, steps, heads, noise, drop)
    rows = states[counted], weights["item_embedding"], targets[counted], objective.temperature
    grad_noised_rows = None
    if objective.method == "erl":
        loss, grad_rows, grad_table = erl_loss_value_and_grad(*rows, objective.kl_weight)
    elif objective.method == "prl":
        groups = np.nonzero(counted)[0]  # prefixes of one history are no negatives of each other
        loss, grad_rows, grad_table, grad_noised_rows = prl_loss_value_and_grad(
            *rows, objective.alpha, objective.progressive_weight, None if noised is None else noised[counted],
            objective.contrastive_weight, groups)
    else:
        loss, grad_rows, grad_table = last_step_loss_value_and_grad(*rows)

    grad_states, grad_noised = np.zeros_like(states), None if noised is None else np.zeros_like(noised)
    grad_states[counted] = grad_rows
    if grad_noised_rows is not None:
        grad_noised[counted] = grad_noised_rows
    gradients, _ = all_prefix_way_back((grad_states, grad_noised), weights, items, heads, drop, kept)
    return loss, add(gradients, {"item_embedding": grad_table})
