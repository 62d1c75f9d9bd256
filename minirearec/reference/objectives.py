"""The five training objectives over reasoning states, with gradients. Twin: ``minirearec.nn.objectives``.

All of them take states [P, K+1, D]: the reasoning states r_0..r_K of P positions (prefixes), whatever
made them. Source: paper sections 3.3 (ERL) and 3.4 (PRL).

A loss L comes in three forms: ``loss``, ``loss_value_and_grad``, which forms value and gradients in one sweep,
and ``loss_backward``, which scales those gradients by that of the loss itself, G (a number).
"""

import numpy as np
from numpy import ndarray

from minirearec.reference.chunked import (cross_entropy_value_and_grad, ensemble_value_and_grad, leave_out,
                                          log_sum_exp, row_chunks)


def temperatures(temperature: float, alpha: float, steps: int) -> list[float]:
    """The progressive schedule: ``tau_k = tau * alpha^(K-k)`` for k = 0..K; early steps are softer.

    Source: paper section 3.4. Twin: ``nn.objectives.temperatures``.
    """
    return [temperature * alpha ** (steps - k) for k in range(steps + 1)]


def scores(states: ndarray, table: ndarray, temperature: float) -> ndarray:
    """Scores of the whole catalogue: ``r E^T / tau``.

    Shapes: states [..., D], table [V, D], out [..., V]. Twin: ``nn.objectives.scores``.
    """
    return states @ table.T / temperature


def scores_backward(grad_out: ndarray, states: ndarray, table: ndarray, temperature: float) -> tuple[ndarray, ndarray]:
    """``dr = G E / tau`` [..., D] and, with all leading axes flattened, ``dE = G^T r / tau`` [V, D]."""
    rows, V = states.reshape(-1, states.shape[-1]), len(table)
    return grad_out @ table / temperature, grad_out.reshape(-1, V).T @ rows / temperature


def user_state(states: ndarray, ensemble: bool) -> ndarray:
    """What stands for the user: the mean of r_0..r_K (ERL), else r_K.

    Shapes: states [..., K+1, D], out [..., D]. Source: paper Eq. 6. Twin: ``nn.objectives.user_state``.
    """
    return states.mean(-2) if ensemble else states[..., -1, :]


def user_state_backward(grad_out: ndarray, states: ndarray, ensemble: bool) -> ndarray:
    """``dr_k = G / (K+1)`` for every k, or ``dr_K = G`` and 0 for the others. Returns dr [..., K+1, D]."""
    grad_states = np.zeros_like(states)
    if ensemble:
        grad_states += grad_out[..., None, :] / states.shape[-2]
    else:
        grad_states[..., -1, :] = grad_out
    return grad_states


def _scaled(grad_out, *gradients):
    return tuple(None if gradient is None else grad_out * gradient for gradient in gradients)


def cross_entropy(states: ndarray, table: ndarray, targets: ndarray, temperature: float) -> ndarray:
    """Mean full-softmax loss: ``-log softmax(r E^T / tau)[target]``, in chunks of positions.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. The [P, V] scores never exist
    in full. Twin: ``nn.objectives.cross_entropy``.
    """
    losses = np.empty_like(states[:, 0])
    for rows in row_chunks(len(states), len(table)):
        z = scores(states[rows], table, temperature)  # [R, V]
        losses[rows] = log_sum_exp(z)[:, 0] - z[np.arange(len(z)), targets[rows]]
    return losses.mean()


def cross_entropy_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray,
                           temperature: float) -> tuple[ndarray, ndarray]:
    """``L = mean_p logsumexp(z_p) - z_p[t_p]`` with ``z = r E^T / tau``. The slope of logsumexp is the softmax:

    ``dz_p = G (softmax(z_p) - onehot(t_p)) / P`` [V], ``dr = dz E / tau`` [P, D], ``dE = dz^T r / tau`` [V, D].
    Returns dr and dE.
    """
    return _scaled(grad_out, *cross_entropy_value_and_grad(states, table, targets, temperature)[1:])


def info_nce(noised: ndarray, clean: ndarray, temperature: float, groups: ndarray | None = None) -> ndarray:
    """Contrast a noised state with the clean state of the same position against those of the others.

    ``-mean_p log( exp(s_pp) / sum_q exp(s_pq) )`` with ``s_pq = noised_p . clean_q / tau``. Positions q of
    the same group as p (prefixes of one history are no negatives of each other) are left out of the sum.

    Shapes: noised and clean [P, D], groups [P] integers or None (every position its own), out: scalar.
    Source: paper Eq. 13. Twin: ``nn.objectives.info_nce``.
    """
    own, losses = np.arange(len(noised)), np.empty_like(noised[:, 0])
    for rows in row_chunks(len(noised), len(clean)):
        s = leave_out(scores(noised[rows], clean, temperature), groups, rows)  # [R, P]
        losses[rows] = log_sum_exp(s)[:, 0] - s[np.arange(len(s)), own[rows]]
    return losses.mean()


def info_nce_value_and_grad(noised: ndarray, clean: ndarray, temperature: float, groups: ndarray | None = None):
    """The loss and its gradients [P, D] with respect to noised and clean."""
    return cross_entropy_value_and_grad(noised, clean, np.arange(len(noised)), temperature, groups)


def info_nce_backward(grad_out, noised: ndarray, clean: ndarray, temperature: float,
                      groups: ndarray | None = None) -> tuple[ndarray, ndarray]:
    """A cross-entropy whose catalogue is the clean states and whose target is the position itself:

    ``ds_pq = G (softmax(s_p)_q - 1[p=q]) / P`` (0 where q is left out), ``dnoised = ds clean / tau``,
    ``dclean = ds^T noised / tau``. Returns dnoised and dclean [P, D].
    """
    return _scaled(grad_out, *info_nce_value_and_grad(noised, clean, temperature, groups)[1:])


def last_step_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float) -> ndarray:
    """Cross-entropy of the last state r_K: the base (K = 0), naive and rpe objectives.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper section 3.1. Twin: ``nn.objectives.last_step_loss``.
    """
    return cross_entropy(states[:, -1], table, targets, temperature)


def last_step_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float):
    """The loss and its gradients with respect to states [P, K+1, D] and table [V, D]."""
    loss, grad_last, grad_table = cross_entropy_value_and_grad(states[:, -1], table, targets, temperature)
    return loss, user_state_backward(grad_last, states, False), grad_table


def last_step_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray,
                            temperature: float) -> tuple[ndarray, ndarray]:
    """That of the cross-entropy at r_K, and 0 at the earlier states. Returns dr [P, K+1, D] and dE [V, D]."""
    return _scaled(grad_out, *last_step_loss_value_and_grad(states, table, targets, temperature)[1:])


def erl_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float, kl_weight: float) -> ndarray:
    """Ensemble Reasoning Learning: ``CE(mean_k r_k) - lambda * mean_{i != j} KL(y_i || sg(y_j))``.

    ``y_k = softmax(r_k E^T / tau)``; sg stops the gradient through the second distribution. The KL term is
    the mean over ordered pairs and positions; with K = 0 there are no pairs and it is 0.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper Eq. 6-8, as in the authors' code. Twin: ``nn.objectives.erl_loss``.
    """
    P, M, _ = states.shape
    loss = cross_entropy(user_state(states, True), table, targets, temperature)
    if kl_weight == 0 or M == 1:
        return loss
    divergences = np.empty_like(states[:, 0, 0])  # the mean over pairs, at each position
    for rows in row_chunks(P, len(table) * M):
        z = scores(states[rows], table, temperature)  # [R, M, V]
        logs = z - log_sum_exp(z)
        y = np.exp(logs)
        pairs = [(y[:, i] * (logs[:, i] - logs[:, j])).sum(-1) for i in range(M) for j in range(M) if i != j]
        divergences[rows] = sum(pairs) / len(pairs)
    return loss - kl_weight * divergences.mean()


def erl_loss_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float, kl_weight: float):
    """The loss and its gradients with respect to states [P, K+1, D] and table [V, D]."""
    if kl_weight and states.shape[1] > 1:
        return ensemble_value_and_grad(states, table, targets, temperature, kl_weight)
    mean = user_state(states, True)
    loss, grad_mean, grad_table = cross_entropy_value_and_grad(mean, table, targets, temperature)
    return loss, user_state_backward(grad_mean, states, True), grad_table


def erl_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                      kl_weight: float) -> tuple[ndarray, ndarray]:
    """With M = K+1, ``z_i = r_i E^T / tau``, ``l_i = log softmax(z_i)``, ``y_i = exp(l_i)``, at one position:

    the KL term is ``S = sum_i y_i . g_i / (M (M-1))`` where ``g_i = sum_{j != i} (l_i - sg(l_j))``
    ``= M l_i - sum_j l_j`` in value. Because l_j is a constant there, z_i moves only y_i and the l_i beside it:
    ``dS = sum_i (dy_i . g_i + (M-1) y_i . dl_i) / (M (M-1))``. The second part is 0 (``y_i . dl_i`` is the change
    of ``sum y_i = 1``), and ``dy_i/dz_i`` is that of a softmax, so ``dS/dz_i = y_i (g_i - y_i . g_i) / (M (M-1))``.

    The cross-entropy sees the mean of the z_i: each receives ``(softmax(mean z) - onehot(t)) / M``. Together
    ``dz_i = G/P [ (softmax(mean z) - onehot(t)) / M - lambda y_i (g_i - y_i . g_i) / (M (M-1)) ]`` [V], then
    ``dr_i = dz_i E / tau`` and ``dE = sum over positions and i of dz_i^T r_i / tau``.
    Without sg, z_j would also receive ``sum_{i != j} (y_j - y_i)``: what is followed here is not the value's slope.
    Returns dr [P, K+1, D] and dE [V, D].
    """
    return _scaled(grad_out, *erl_loss_value_and_grad(states, table, targets, temperature, kl_weight)[1:])


def prl_loss(states: ndarray, table: ndarray, targets: ndarray, temperature: float, alpha: float,
             progressive_weight: float, noised: ndarray | None = None, contrastive_weight: float = 0.0,
             groups: ndarray | None = None) -> ndarray:
    """Progressive Reasoning Learning: cross-entropy at every step, ever sharper, plus self-correction.

    ``CE_K + w_p * mean_{k<K} CE_k + w_c * mean_{k>=1} InfoNCE(noised_k, r_k)`` where CE_k has temperature
    tau_k (see temperatures) and InfoNCE has tau. Without noised states the last term is absent.

    Shapes: states [P, K+1, D], table [V, D], targets [P], noised [P, K, D], groups [P], out: scalar.
    Source: paper Eq. 9-14. Twin: ``nn.objectives.prl_loss``.
    """
    K = states.shape[1] - 1
    *early, last = (cross_entropy(states[:, k], table, targets, tau)
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
                            contrastive_weight: float = 0.0, groups: ndarray | None = None):
    """The loss and its gradients with respect to states, table and noised (None where noised is None)."""
    K = states.shape[1] - 1
    total, grad_states, grad_table = 0, np.empty_like(states), np.zeros_like(table)
    grad_noised = None if noised is None else np.zeros_like(noised)
    for k, tau in enumerate(temperatures(temperature, alpha, K)):
        weight = 1.0 if k == K else progressive_weight / K
        loss, grad_state, grad = cross_entropy_value_and_grad(states[:, k], table, targets, tau)
        total, grad_table = total + weight * loss, grad_table + weight * grad
        grad_states[:, k] = weight * grad_state
    if noised is not None and contrastive_weight:
        for k in range(K):
            loss, *gradients = info_nce_value_and_grad(noised[:, k], states[:, k + 1], temperature, groups)
            weight = contrastive_weight / K
            total = total + weight * loss
            grad_noised[:, k], through = (weight * gradient for gradient in gradients)
            grad_states[:, k + 1] += through
    return total, grad_states, grad_table, grad_noised


def prl_loss_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float, alpha: float,
                      progressive_weight: float, noised: ndarray | None = None, contrastive_weight: float = 0.0,
                      groups: ndarray | None = None) -> tuple[ndarray, ndarray, ndarray | None]:
    """A weighted sum of losses, so the same weighted sum of their gradients: at r_k those of CE_k and, for k >= 1,
    of the InfoNCE in which r_k is the clean side; at E those of all CE_k; at noised_k those of its InfoNCE.

    Returns dr [P, K+1, D], dE [V, D] and dnoised [P, K, D] (None where noised is None).
    """
    return _scaled(grad_out, *prl_loss_value_and_grad(
        states, table, targets, temperature, alpha, progressive_weight, noised, contrastive_weight, groups)[1:])
