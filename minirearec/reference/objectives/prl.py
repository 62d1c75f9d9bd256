"""Progressive Reasoning Learning, with gradients. Twin: ``minirearec.nn.objectives.prl``.

Source: paper section 3.4.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Objective, Positions
from minirearec.reference.objectives.common import (
    cross_entropy,
    info_nce,
    info_nce_value_and_grad,
    scaled,
    value_and_grad,
)
from minirearec.reference.objectives.contrasted import contrasted
from minirearec.reference.registries import OBJECTIVES
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def temperatures(temperature: float, alpha: float, steps: int) -> list[float]:
    """Return the progressive schedule: ``tau_k = tau * alpha^(K-k)`` for k = 0..K; early steps are softer.

    Source: paper section 3.4. Twin: ``nn.objectives.prl.temperatures``.
    """
    return [temperature * alpha ** (steps - k) for k in range(steps + 1)]


def prl_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float, alpha: float,
             progressive_weight: float, noised: ndarray | None = None, contrastive_weight: float = 0.0,
             groups: ndarray | None = None, negatives: Negatives | None = None,
             soft: SoftTargets | None = None) -> ndarray:
    """Compute the PRL loss: cross-entropy at every step, sharper and sharper, plus self-correction.

    ``CE_K + w_p * mean_{k<K} CE_k + w_c * mean_{k>=1} InfoNCE(noised_k, r_k)`` where CE_k has temperature
    tau_k (see temperatures) and InfoNCE has tau. Without noised states there is no last term.

    With negatives every CE_k is a sampled loss (see ``common.cross_entropy``) with the temperature tau_k, over the same
    negatives; with ``soft`` it has soft targets, the same at every step. InfoNCE contrasts the states of a batch, not
    items, and stays as it is.

    Shapes: states [P, K+1, D], table [V, D], targets [P], noised [P, K, D], groups [P], out: scalar.
    Source: paper Eq. 9-14. Twin: ``nn.objectives.prl.prl_loss``.
    """
    K = states.shape[1] - 1
    *early, last = (cross_entropy(states[:, k], table, targets, tau, negatives, soft)
                    for k, tau in enumerate(temperatures(temperature, alpha, K)))
    if K == 0:
        return last
    total = last + progressive_weight * sum(early) / K
    if noised is not None and contrastive_weight:
        total += contrastive_weight * sum(info_nce(noised[:, k], states[:, k + 1], temperature, groups)
                                          for k in range(K)) / K
    return total


def prl_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float, alpha: float,
                            progressive_weight: float, noised: ndarray | None = None,
                            contrastive_weight: float = 0.0, groups: ndarray | None = None,
                            negatives: Negatives | None = None, soft: SoftTargets | None = None):
    """Return the loss and its gradients with respect to states, table and noised (None where noised is None)."""
    K = states.shape[1] - 1
    total: Any = 0
    grad_states, grad_table = np.empty_like(states), np.zeros_like(table)
    grad_noised = None if noised is None else np.zeros_like(noised)
    for k, tau in enumerate(temperatures(temperature, alpha, K)):
        weight = 1.0 if k == K else progressive_weight / K
        loss, grad_state, grad = value_and_grad(states[:, k], table, targets, tau, negatives, soft)
        total, grad_table = total + weight * loss, grad_table + weight * grad
        grad_states[:, k] = weight * grad_state
    if noised is not None and grad_noised is not None and contrastive_weight:
        for k in range(K):
            loss, *gradients = info_nce_value_and_grad(noised[:, k], states[:, k + 1], temperature, groups)
            weight = contrastive_weight / K
            total = total + weight * loss
            grad_noised[:, k], through = (weight * gradient for gradient in gradients)
            grad_states[:, k + 1] += through
    return total, grad_states, grad_table, grad_noised


def prl_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float, alpha: float,
                      progressive_weight: float, noised: ndarray | None = None, contrastive_weight: float = 0.0,
                      groups: ndarray | None = None, negatives: Negatives | None = None,
                      soft: SoftTargets | None = None) -> tuple[ndarray, ndarray, ndarray | None]:
    """Return dr [P, K+1, D], dE [V, D] and dnoised [P, K, D] (None where noised is None).

    The loss is a weighted sum, so each gradient is the same weighted sum: at r_k those of CE_k and, for k >= 1, of
    the InfoNCE whose clean side is r_k; at E those of all CE_k; at noised_k that of its InfoNCE.
    """
    return scaled(grad_out, *prl_loss_value_and_grad(
        states, table, targets, temperature, alpha, progressive_weight, noised, contrastive_weight, groups,
        negatives, soft)[1:])


def _value_and_gradients(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
    loss, states, table, noised = prl_loss_value_and_grad(
        positions.states, positions.table, positions.targets, settings.temperature, settings.alpha,
        settings.progressive_weight, positions.noised, settings.contrastive_weight, positions.groups,
        positions.negatives, positions.soft)
    return loss, Gradients(states, table, noised)


OBJECTIVES["prl"] = Objective(contrasted(_value_and_gradients))
