"""Reasoning steps with a teacher, with gradients. Twin: ``minirearec.nn.objectives.teacher``."""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Objective, Positions
from minirearec.reference.objectives.common import cross_entropy, scaled, value_and_grad
from minirearec.reference.objectives.contrasted import contrasted
from minirearec.reference.registries import OBJECTIVES
from minirearec.targets import SoftTargets


def _parts(steps: int, progressive_weight: float, soft: SoftTargets | None) -> list[tuple[float, SoftTargets | None]]:
    """Return the weight of the cross-entropy of each state, and its soft targets."""
    return [(progressive_weight / steps if k < steps else 1.0,
             None if soft is None else soft.weakened(1 - k / steps if steps else 0)) for k in range(steps + 1)]


def teacher_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float, progressive_weight: float,
                 soft: SoftTargets | None = None) -> ndarray:
    """Compute the loss of steps that first imitate a teacher and then find the target.

    ``CE(r_K, q_K) + w_p * mean_{k<K} CE(r_k, q_k)``, where q_k gives the teacher's distribution ``1 - k/K`` of its
    share: all of it at r_0, nothing at r_K, which learns the target alone. Without ``soft`` all steps do.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: ours, after the teacher of ManCAR. Twin: ``nn.objectives.teacher.teacher_loss``.
    """
    total: Any = 0
    for k, (weight, own) in enumerate(_parts(states.shape[1] - 1, progressive_weight, soft)):
        total += weight * cross_entropy(states[:, k], table, targets, temperature, None, own)
    return total


def teacher_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                                progressive_weight: float, soft: SoftTargets | None = None):
    """Return the loss and its gradients with respect to states [P, K+1, D] and table [V, D]."""
    total: Any = 0
    grad_states, grad_table = np.empty_like(states), np.zeros_like(table)
    for k, (weight, own) in enumerate(_parts(states.shape[1] - 1, progressive_weight, soft)):
        loss, grad_state, grad = value_and_grad(states[:, k], table, targets, temperature, None, own)
        total, grad_table = total + weight * loss, grad_table + weight * grad
        grad_states[:, k] = weight * grad_state
    return total, grad_states, grad_table


def teacher_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                          progressive_weight: float, soft: SoftTargets | None = None) -> tuple[ndarray, ndarray]:
    """Return dr [P, K+1, D] and dE [V, D]: the loss is a weighted sum, and so is each gradient."""
    return scaled(grad_out, *teacher_loss_value_and_grad(states, table, targets, temperature, progressive_weight,
                                                         soft)[1:])


def _value_and_gradients(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
    loss, states, table = teacher_loss_value_and_grad(positions.states, positions.table, positions.targets,
                                                      settings.temperature, settings.progressive_weight,
                                                      positions.soft)
    return loss, Gradients(states, table)


OBJECTIVES["teacher"] = Objective(contrasted(_value_and_gradients))
