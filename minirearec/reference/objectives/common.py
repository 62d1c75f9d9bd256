"""The functions that objectives share: scores, cross-entropy and contrast, with gradients.

Twin: ``minirearec.nn.objectives.common``. A loss has three forms: ``loss``; ``loss_value_and_grad``, which computes
value and gradients in one sweep; and ``loss_backward``, which multiplies those gradients by the gradient of the loss
itself, G (a number).
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.reference.chunked import cross_entropy_value_and_grad, leave_out, log_sum_exp, row_chunks
from minirearec.reference.sampled import sampled_value_and_grad
from minirearec.reference.soft import softening, softening_value_and_grad
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def scores(states: ndarray, table: ndarray, temperature: float) -> ndarray:
    """Return the scores of the whole catalogue: ``r E^T / tau``.

    Shapes: states [..., D], table [V, D], out [..., V]. Twin: ``nn.objectives.common.scores``.
    """
    return states @ table.T / temperature


def scores_backward(grad_out: ndarray, states: ndarray, table: ndarray, temperature: float) -> tuple[ndarray, ndarray]:
    """Return ``dr = G E / tau`` [..., D] and, with all leading axes flattened, ``dE = G^T r / tau`` [V, D]."""
    rows, V = states.reshape(-1, states.shape[-1]), len(table)
    return grad_out @ table / temperature, grad_out.reshape(-1, V).T @ rows / temperature


def user_state(states: ndarray, ensemble: bool) -> ndarray:
    """Return the state that represents the user: the mean of r_0..r_K (ERL), else r_K.

    Shapes: states [..., K+1, D], out [..., D]. Source: paper Eq. 6. Twin: ``nn.objectives.common.user_state``.
    """
    return states.mean(-2) if ensemble else states[..., -1, :]


def user_state_backward(grad_out: ndarray, states: ndarray, ensemble: bool) -> ndarray:
    """Return dr [..., K+1, D]: ``dr_k = G / (K+1)`` for every k, or ``dr_K = G`` and 0 for the others."""
    grad_states = np.zeros_like(states)
    if ensemble:
        grad_states += grad_out[..., None, :] / states.shape[-2]
    else:
        grad_states[..., -1, :] = grad_out
    return grad_states


def scaled(grad_out, *gradients) -> Any:
    """Return the gradients times the gradient of the loss itself; None stays None."""
    return tuple(None if gradient is None else grad_out * gradient for gradient in gradients)


def cross_entropy(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                  negatives: Negatives | None = None, soft: SoftTargets | None = None) -> ndarray:
    """Compute the mean full-softmax loss: ``-log softmax(r E^T / tau)[target]``, in chunks of positions.

    With negatives it is a sampled loss in its place: ``sampled.sampled_softmax`` or ``sampled.gbce``. With ``soft`` the
    target is a distribution q: ``-sum_v q(v) log softmax(r E^T / tau)[v]``.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. The [P, V] scores never exist
    in full. Twin: ``nn.objectives.common.cross_entropy``.
    """
    if negatives is not None:
        assert soft is None, "a sampled loss has no soft targets"
        return sampled_value_and_grad(states, table, targets, temperature, negatives)[0]
    losses = np.empty_like(states[:, 0])
    for rows in row_chunks(len(states), len(table)):
        z = scores(states[rows], table, temperature)  # [R, V]
        losses[rows] = log_sum_exp(z)[:, 0] - z[np.arange(len(z)), targets[rows]]
    return losses.mean() + (0 if soft is None else softening(states, table, targets, temperature, soft))


def cross_entropy_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray,
                           temperature: float, negatives: Negatives | None = None,
                           soft: SoftTargets | None = None) -> tuple[ndarray, ndarray]:
    """Return dr and dE of ``L = mean_p logsumexp(z_p) - z_p[t_p]`` with ``z = r E^T / tau``.

    The slope of logsumexp is the softmax:
    ``dz_p = G (softmax(z_p) - onehot(t_p)) / P`` [V], ``dr = dz E / tau`` [P, D], ``dE = dz^T r / tau`` [V, D].
    For soft targets see ``soft.softening_backward``.
    """
    return scaled(grad_out, *value_and_grad(states, table, targets, temperature, negatives, soft)[1:])


def value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                   negatives: Negatives | None = None,
                   soft: SoftTargets | None = None) -> tuple[ndarray, ndarray, ndarray]:
    """Return the cross-entropy, or with negatives the sampled loss in its place, and its gradients dr and dE."""
    if negatives is not None:
        return sampled_value_and_grad(states, table, targets, temperature, negatives)
    found = cross_entropy_value_and_grad(states, table, targets, temperature)
    if soft is None:
        return found
    more = softening_value_and_grad(states, table, targets, temperature, soft)
    return found[0] + more[0], found[1] + more[1], found[2] + more[2]


def with_first_items(loss: ndarray, count: int, empty: ndarray, table: ndarray, targets: ndarray, temperature: float,
                     negatives: Negatives | None = None) -> ndarray:
    """Add the first items of histories to a mean loss L over P = ``count`` positions: ``(P L + F CE) / (P + F)``.

    The empty history has one state s, whatever the method; CE is the ``cross_entropy`` of s and the F first items.
    Shapes: loss and out scalars, empty [D], table [V, D], targets [F], F perhaps 0.
    Source: BSARec, arXiv 2312.10325, whose samples include the empty prefix. Twin:
    ``nn.objectives.common.with_first_items``.
    """
    F = len(targets)
    if F == 0:
        return loss
    own = cross_entropy(np.tile(empty, (F, 1)), table, targets, temperature, negatives)
    return (count * loss + F * own) / (count + F)


def with_first_items_backward(grad_out, loss: ndarray, count: int, empty: ndarray, table: ndarray, targets: ndarray,
                              temperature: float, negatives: Negatives | None = None):
    """Return ``dL = G P / (P + F)``, ds [D], the sum over the F rows ``G F / (P + F) dCE``, and dE [V, D]."""
    F = len(targets)
    if F == 0:
        return grad_out, np.zeros_like(empty), np.zeros_like(table)
    share = grad_out * F / (count + F)
    _, grad_rows, grad_table = value_and_grad(np.tile(empty, (F, 1)), table, targets, temperature, negatives)
    return grad_out * count / (count + F), share * grad_rows.sum(0), share * grad_table


def info_nce(noised: ndarray, clean: ndarray, temperature: float, groups: ndarray | None = None) -> ndarray:
    """Contrast each noised state with the clean states: its own position is the positive, the others are negatives.

    ``-mean_p log( exp(s_pp) / sum_q exp(s_pq) )`` with ``s_pq = noised_p . clean_q / tau``. The sum leaves out
    other positions q of the same group as p: prefixes of one history, or of one window of it, are not negatives.

    Shapes: noised and clean [P, D], groups [P] integers or None (a group per position), out: scalar.
    Source: paper Eq. 13. Twin: ``nn.objectives.common.info_nce``.
    """
    own, losses = np.arange(len(noised)), np.empty_like(noised[:, 0])
    for rows in row_chunks(len(noised), len(clean)):
        s = leave_out(scores(noised[rows], clean, temperature), groups, rows)  # [R, P]
        losses[rows] = log_sum_exp(s)[:, 0] - s[np.arange(len(s)), own[rows]]
    return losses.mean()


def info_nce_value_and_grad(noised: ndarray, clean: ndarray, temperature: float, groups: ndarray | None = None):
    """Return the loss and its gradients [P, D] with respect to noised and clean."""
    left_out = () if groups is None else ((groups, groups),)
    return cross_entropy_value_and_grad(noised, clean, np.arange(len(noised)), temperature, left_out)


def info_nce_backward(grad_out, noised: ndarray, clean: ndarray, temperature: float,
                      groups: ndarray | None = None) -> tuple[ndarray, ndarray]:
    """Return dnoised and dclean [P, D].

    The loss is a cross-entropy whose catalogue is the clean states and whose target is the position itself:
    ``ds_pq = G (softmax(s_p)_q - 1[p=q]) / P`` (0 where q is left out), ``dnoised = ds clean / tau``,
    ``dclean = ds^T noised / tau``.
    """
    return scaled(grad_out, *info_nce_value_and_grad(noised, clean, temperature, groups)[1:])
