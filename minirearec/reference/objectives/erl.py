"""Ensemble Reasoning Learning, with gradients. Twin: ``minirearec.nn.objectives.erl``. Source: paper section 3.3."""

import numpy as np
from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Objective, Positions
from minirearec.reference.chunked import ensemble_value_and_grad, log_sum_exp, row_chunks
from minirearec.reference.objectives.common import (
    cross_entropy,
    scaled,
    scores,
    user_state,
    user_state_backward,
    value_and_grad,
)
from minirearec.reference.objectives.contrasted import contrasted
from minirearec.reference.registries import OBJECTIVES
from minirearec.reference.sampled import sampled_ensemble, sampled_ensemble_value_and_grad
from minirearec.reference.soft import softening_value_and_grad
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def erl_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float, kl_weight: float,
             negatives: Negatives | None = None, soft: SoftTargets | None = None) -> ndarray:
    """Compute the ERL loss: ``CE(mean_k r_k) - lambda * mean_{i != j} KL(y_i || sg(y_j))``.

    ``y_k = softmax(r_k E^T / tau)``; sg stops the gradient through the second distribution. The KL term is
    the mean over ordered pairs and positions; with K = 0 there are no pairs and the term is 0.

    With negatives the cross-entropy is a sampled loss (see ``common.cross_entropy``), and the KL term compares steps
    over the candidates (see ``sampled.sampled_ensemble``). With ``soft`` the cross-entropy has soft targets.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper Eq. 6-8, as in the authors' code. Twin: ``nn.objectives.erl.erl_loss``.
    """
    P, M, _ = states.shape
    if negatives is not None and kl_weight and M > 1:
        return sampled_ensemble(states, table, targets, temperature, kl_weight, negatives)
    loss = cross_entropy(user_state(states, True), table, targets, temperature, negatives, soft)
    if kl_weight == 0 or M == 1:
        return loss
    divergences = np.empty_like(states[:, 0, 0])  # the mean over pairs, at each position
    for rows in row_chunks(P, len(table), M):
        z = scores(states[rows], table, temperature)  # [R, M, V]
        logs = z - log_sum_exp(z)
        y = np.exp(logs)
        pairs = [(y[:, i] * (logs[:, i] - logs[:, j])).sum(-1) for i in range(M) for j in range(M) if i != j]
        divergences[rows] = sum(pairs) / len(pairs)
    return loss - kl_weight * divergences.mean()


def erl_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float, kl_weight: float,
                            negatives: Negatives | None = None, soft: SoftTargets | None = None):
    """Return the loss and its gradients with respect to states [P, K+1, D] and table [V, D]."""
    if kl_weight and states.shape[1] > 1:
        if negatives is not None:
            return sampled_ensemble_value_and_grad(states, table, targets, temperature, kl_weight, negatives)
        found = ensemble_value_and_grad(states, table, targets, temperature, kl_weight)
        if soft is None:
            return found
        more = softening_value_and_grad(user_state(states, True), table, targets, temperature, soft)
        return found[0] + more[0], found[1] + user_state_backward(more[1], states, True), found[2] + more[2]
    mean = user_state(states, True)
    loss, grad_mean, grad_table = value_and_grad(mean, table, targets, temperature, negatives, soft)
    return loss, user_state_backward(grad_mean, states, True), grad_table


def erl_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                      kl_weight: float, negatives: Negatives | None = None,
                      soft: SoftTargets | None = None) -> tuple[ndarray, ndarray]:
    """Return dr [P, K+1, D] and dE [V, D].

    With M = K+1, ``z_i = r_i E^T / tau``, ``l_i = log softmax(z_i)``, ``y_i = exp(l_i)``, at one position, the KL
    term is ``S = sum_i y_i . g_i / (M (M-1))`` where ``g_i = sum_{j != i} (l_i - sg(l_j))``
    ``= M l_i - sum_j l_j`` in value. Since l_j is a constant there, z_i changes only y_i and the l_i next to it:
    ``dS = sum_i (dy_i . g_i + (M-1) y_i . dl_i) / (M (M-1))``. The second part is 0 (``y_i . dl_i`` is the change
    of ``sum y_i = 1``), and y_i is the softmax of z_i, so ``dS/dz_i = y_i (g_i - y_i . g_i) / (M (M-1))``.

    The cross-entropy sees the mean of the z_i: each receives ``(softmax(mean z) - onehot(t)) / M``. Together
    ``dz_i = G/P [ (softmax(mean z) - onehot(t)) / M - lambda y_i (g_i - y_i . g_i) / (M (M-1)) ]`` [V], then
    ``dr_i = dz_i E / tau`` and ``dE = sum over positions and i of dz_i^T r_i / tau``.
    Soft targets add the gradients of ``soft.softening`` at the mean state, a share of 1/M to every r_i.
    Without sg, z_j would also receive ``sum_{i != j} (y_j - y_i)``: this gradient is not the slope of the value.
    """
    return scaled(grad_out, *erl_loss_value_and_grad(states, table, targets, temperature, kl_weight, negatives,
                                                     soft)[1:])


def _value_and_gradients(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
    loss, states, table = erl_loss_value_and_grad(positions.states, positions.table, positions.targets,
                                                  settings.temperature, settings.kl_weight,
                                                  positions.negatives, positions.soft)
    return loss, Gradients(states, table)


def _answer(states: ndarray, weights: dict) -> ndarray:
    return user_state(states, ensemble=True)


OBJECTIVES["erl"] = Objective(contrasted(_value_and_gradients, ensemble=True), _answer)
