"""A training loss of any method, and the gradients of all weights, in one call."""

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.methods import METHODS
from minirearec.objective import Gradients, Positions
from minirearec.parts import SHARED, Reasoning
from minirearec.reference.objectives.common import with_first_items, with_first_items_backward
from minirearec.reference.ops import unit, unit_backward
from minirearec.reference.positions import placed, placed_backward
from minirearec.reference.reasoning import states_keeping, states_way_back
from minirearec.reference.registries import ITEM_ENCODERS, OBJECTIVES
from minirearec.sampling import Negatives, Seen
from minirearec.targets import SoftTargets
from minirearec.weights import add, combine

# What scores compare, and its gradient: vectors as they are, or scaled to length 1.
COMPARED = {"dot": (lambda x: x, lambda grad_out, x: grad_out), "cosine": (unit, unit_backward)}


def loss_and_gradients(weights: dict, items: ndarray, targets: ndarray, counted: ndarray, steps: int, heads: int,
                       objective: ObjectiveConfig, noise: ndarray | None = None, drop=None, backbone: str = "sasrec",
                       item_encoder: str = "id", negatives: Negatives | None = None, scores: str = "dot",
                       seen: Seen | None = None, lengths: ndarray | None = None,
                       groups: ndarray | None = None, ends: ndarray | None = None,
                       firsts: ndarray | None = None, reasoning: Reasoning = SHARED,
                       soft: SoftTargets | None = None) -> tuple[ndarray, dict]:
    """Compute a method's loss over the counted positions of a batch, and its gradient for every weight.

    The item encoder makes the table; a pass computes the states of all prefixes; the loss over the counted ones
    yields the gradients of those states and of the table; then the same pass runs backwards. The model reads the table
    twice, as input and as catalogue, so its gradient is the sum of both. With cosine scores the loss reads states and
    table scaled to length 1; with ``seen`` it reads the rows of these items alone. With lengths [B] each row is one
    prefix (Q = 1); without, all positions count (Q = T).

    Shapes: items [B, T] indices, targets [B, Q] indices, counted [B, Q] booleans (False at padding), noise [B, Q, K, D]
    that is added to the reasoning inputs (prl only), or None; groups [B], equal for prefixes of one history, which are
    not contrasted with each other (default: a row is a history); ``negatives`` for a sampled loss; ends [B], the items
    of each row without padding (default: T), for positions that count from the newest item; firsts [F], the first items
    of histories, for a model that predicts them; ``soft`` targets of the counted positions. Returns the loss, and a
    dict with the structure of weights, without the features of the items.
    """
    encoder = ITEM_ENCODERS[item_encoder]
    read = {**weights, "item_embedding": encoder.item_table(weights, drop)}
    ends = np.full(len(items), items.shape[1]) if ends is None else ends
    if lengths is None:
        read = placed(read, ends, items.shape[1])
    states, noised, kept = states_keeping(read, items, lengths, steps, heads, noise, drop, backbone, reasoning)
    history = (np.arange(len(items)) if groups is None else groups)[np.nonzero(counted)[0]]
    rows = slice(None) if seen is None else seen.items
    forth, back = COMPARED[scores]
    chosen = [states[counted], read["item_embedding"][rows], None if noised is None else noised[counted]]
    compared = [None if one is None else forth(one) for one in chosen]
    wanted = targets[counted] if seen is None else seen.places[targets[counted]]
    positions = Positions(compared[0], compared[1], wanted, compared[2], history, weights, negatives, soft)
    loss, grad = OBJECTIVES[METHODS[objective.method].loss].loss(positions, objective)
    loss, grad = _with_firsts(loss, grad, positions, firsts, seen, objective, scores)

    grad_states, grad_noised = np.zeros_like(states), None if noised is None else np.zeros_like(noised)
    grad_states[counted] = back(grad.states, chosen[0])
    if grad.noised is not None:
        assert grad_noised is not None, "a gradient of noised states, and none were given"
        grad_noised[counted] = back(grad.noised, chosen[2])
    gradients, _ = states_way_back((grad_states, grad_noised), read, items, lengths, heads, drop, kept, backbone,
                                   reasoning)
    if lengths is None:
        gradients = placed_backward(gradients, weights, ends, items.shape[1])
    grad_table = gradients.pop("item_embedding")
    grad_table[rows] += back(grad.table, chosen[1])
    return loss, add(gradients, encoder.item_table_backward(grad_table, weights, drop), grad.weights)


def _with_firsts(loss: ndarray, grad: Gradients, positions: Positions, firsts: ndarray | None, seen: Seen | None,
                 objective: ObjectiveConfig, scores: str) -> tuple[ndarray, Gradients]:
    """Add the first items, if any, to a loss and to its gradients; see ``common.with_first_items``."""
    if "empty_state" not in positions.weights or firsts is None:
        return loss, grad
    (forth, back), empty = COMPARED[scores], positions.weights["empty_state"]
    firsts = firsts if seen is None else seen.places[firsts]
    more = (len(positions.targets), forth(empty[None])[0], positions.table, firsts, objective.temperature,
            positions.negatives)
    share, grad_empty, grad_table = with_first_items_backward(1.0, loss, *more)
    of_weights = combine(lambda part: share * part, grad.weights)
    return with_first_items(loss, *more), Gradients(
        share * grad.states, share * grad.table + grad_table, None if grad.noised is None else share * grad.noised,
        {**of_weights, "empty_state": back(grad_empty[None], empty[None])[0]})
