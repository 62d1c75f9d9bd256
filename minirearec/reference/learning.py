"""A training loss of any method, and the gradients of all weights, in one call."""

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.methods import METHODS
from minirearec.objective import Positions
from minirearec.reference.reasoning import all_prefix_keeping, all_prefix_way_back
from minirearec.reference.registries import ITEM_ENCODERS, OBJECTIVES
from minirearec.sampling import Negatives
from minirearec.weights import add


def loss_and_gradients(weights: dict, items: ndarray, targets: ndarray, counted: ndarray, steps: int, heads: int,
                       objective: ObjectiveConfig, noise: ndarray | None = None, drop=None, backbone: str = "sasrec",
                       item_encoder: str = "id", negatives: Negatives | None = None) -> tuple[ndarray, dict]:
    """Compute a method's loss over the counted positions of a batch, and its gradient for every weight.

    The item encoder makes the table; one pass computes the states of all prefixes; the loss over the counted ones
    yields the gradients of those states and of the table; then the same pass runs backwards. The model reads the table
    twice, as input and as catalogue, so its gradient is the sum of both.

    Shapes: items and targets [B, T] indices, counted [B, T] booleans (False at padding), noise [B, T, K, D] that is
    added to the reasoning inputs (prl only), or None; ``negatives`` for a sampled loss. Returns the loss, and a dict
    with the structure of weights.
    """
    encoder = ITEM_ENCODERS[item_encoder]
    table = encoder.item_table(weights)
    read = {**weights, "item_embedding": table}
    states, noised, kept = all_prefix_keeping(read, items, steps, heads, noise, drop, backbone)
    groups = np.nonzero(counted)[0]  # prefixes of one history are not negatives of each other
    positions = Positions(states[counted], table, targets[counted], None if noised is None else noised[counted], groups,
                          weights, negatives)
    loss, grad = OBJECTIVES[METHODS[objective.method].loss].loss(positions, objective)

    grad_states, grad_noised = np.zeros_like(states), None if noised is None else np.zeros_like(noised)
    grad_states[counted] = grad.states
    if grad.noised is not None:
        assert grad_noised is not None, "a gradient of noised states, and none were given"
        grad_noised[counted] = grad.noised
    gradients, _ = all_prefix_way_back((grad_states, grad_noised), read, items, heads, drop, kept, backbone)
    grad_table = gradients.pop("item_embedding") + grad.table
    return loss, add(gradients, encoder.item_table_backward(grad_table, weights), grad.weights)
