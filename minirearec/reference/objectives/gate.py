"""A gate over the steps, with gradients. Twin: ``minirearec.nn.objectives.gate``.

Source: the mixture of softmaxes (arXiv 1711.03953), with the reasoning states as its components.
"""

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Objective, Positions
from minirearec.reference.chunked import mixture_value_and_grad
from minirearec.reference.objectives.contrasted import contrasted
from minirearec.reference.objectives.mixture import mixture_scores
from minirearec.reference.registries import OBJECTIVES


def gate_logits(states: ndarray, weight: ndarray, bias: ndarray) -> ndarray:
    """Return the gate's logit of every step: ``a_k = w_k . r_k + b_k``. Each logit is read from its own state.

    So the gate knows what every step found; a gate of r_0 alone could only guess how far to trust the later ones.

    With ``random_steps``, a batch may have fewer steps than the gate has weights for.

    Shapes: states [..., M, D], weight [K+1, D], bias [K+1], M at most K+1, out [..., M].
    Twin: ``nn.objectives.gate.gate_logits``.
    """
    M = states.shape[-2]
    return (states * weight[:M]).sum(-1) + bias[:M]


def gate_logits_backward(grad_out: ndarray, states: ndarray, weight: ndarray,
                         bias: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """Return ``dr_k = G_k w_k`` [..., M, D] and, summed over leading axes, ``dw_k = G_k r_k`` and ``db_k = G_k``."""
    leading, M = tuple(range(grad_out.ndim - 1)), states.shape[-2]
    grad_weight, grad_bias = np.zeros_like(weight), np.zeros_like(bias)
    grad_weight[:M], grad_bias[:M] = (grad_out[..., None] * states).sum(leading), grad_out.sum(leading)
    return grad_out[..., None] * weight[:M], grad_weight, grad_bias


def _value_and_gradients(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
    """Add up the two ways in which the loss reads the states: through their distributions and through the gate."""
    states, gate = positions.states, positions.weights["gate"]
    loss, grad_states, grad_logits, grad_table = mixture_value_and_grad(
        states, gate_logits(states, **gate), positions.table, positions.targets, settings.temperature, positions.soft)
    through_gate, weight, bias = gate_logits_backward(grad_logits, states, **gate)
    return loss, Gradients(grad_states + through_gate, grad_table, weights={"gate": {"weight": weight, "bias": bias}})


def _scores(states: ndarray, table: ndarray, weights: dict, settings: ObjectiveConfig) -> ndarray:
    return mixture_scores(states, gate_logits(states, **weights["gate"]), table, settings.temperature)


OBJECTIVES["gate"] = Objective(contrasted(_value_and_gradients, ensemble=True), scores=_scores)
