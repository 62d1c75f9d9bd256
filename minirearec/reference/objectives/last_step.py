"""Cross-entropy of the last state, for base, naive and rpe, with gradients.

Twin: ``minirearec.nn.objectives.last_step``. Source: paper section 3.1.
"""

from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Objective, Positions
from minirearec.reference.objectives.common import cross_entropy, scaled, user_state_backward, value_and_grad
from minirearec.reference.objectives.contrasted import contrasted
from minirearec.reference.registries import OBJECTIVES
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def last_step_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                   negatives: Negatives | None = None, soft: SoftTargets | None = None) -> ndarray:
    """Compute the cross-entropy of the last state r_K: the base (K = 0), naive and rpe objectives.

    With negatives the cross-entropy is a sampled loss, and with ``soft`` it has soft targets: see
    ``common.cross_entropy``.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper section 3.1. Twin: ``nn.objectives.last_step.last_step_loss``.
    """
    return cross_entropy(states[:, -1], table, targets, temperature, negatives, soft)


def last_step_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                                  negatives: Negatives | None = None, soft: SoftTargets | None = None):
    """Return the loss and its gradients with respect to states [P, K+1, D] and table [V, D]."""
    loss, grad_last, grad_table = value_and_grad(states[:, -1], table, targets, temperature, negatives, soft)
    return loss, user_state_backward(grad_last, states, False), grad_table


def last_step_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray,
                            temperature: float, negatives: Negatives | None = None,
                            soft: SoftTargets | None = None) -> tuple[ndarray, ndarray]:
    """Return dr [P, K+1, D] and dE [V, D]: those of the cross-entropy at r_K, and 0 at the earlier states."""
    return scaled(grad_out, *last_step_loss_value_and_grad(states, table, targets, temperature, negatives, soft)[1:])


def _value_and_gradients(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
    loss, states, table = last_step_loss_value_and_grad(positions.states, positions.table, positions.targets,
                                                        settings.temperature, positions.negatives, positions.soft)
    return loss, Gradients(states, table)


OBJECTIVES["last_step"] = Objective(contrasted(_value_and_gradients))
