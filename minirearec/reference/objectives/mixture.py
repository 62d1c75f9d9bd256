"""Mixtures of the distributions of several states, with gradients. Twin: ``minirearec.nn.objectives.mixture``."""

import numpy as np
from numpy import ndarray

from minirearec.reference.chunked import log_sum_exp, mixture_value_and_grad
from minirearec.reference.objectives.common import scaled, scores
from minirearec.targets import SoftTargets


def mixture_scores(states: ndarray, logits: ndarray, table: ndarray, temperature: float) -> ndarray:
    """Return the log-probabilities of the mixture: ``log sum_k g_k softmax(r_k E^T / tau)`` with ``g = softmax(a)``.

    No [..., M, V] array exists, so memory does not grow with M.

    Shapes: states r [..., M, D], logits a [..., M], table [V, D], out [..., V]. Source: Yang et al. 2018, "Breaking the
    softmax bottleneck", arXiv 1711.03953. Twin: ``nn.objectives.mixture.mixture_scores``.
    """
    gate, mixed = logits - log_sum_exp(logits), None
    for k in range(states.shape[-2]):
        z = scores(states[..., k, :], table, temperature)
        own = z - log_sum_exp(z) + gate[..., k, None]
        mixed = own if mixed is None else np.logaddexp(mixed, own)
    assert mixed is not None, "a mixture of nothing"
    return mixed


def mixture_scores_backward(grad_out: ndarray, states: ndarray, logits: ndarray, table: ndarray,
                            temperature: float) -> tuple[ndarray, ndarray, ndarray]:
    """Return dr [..., M, D], da [..., M] and dE [V, D].

    With ``l_kv = log softmax(z_k)_v`` and ``c_k = log g_k``, out_v is the logsumexp over k of ``c_k + l_kv``, whose
    slope is the share of k: ``q_kv = exp(c_k + l_kv - out_v)``. So ``dl_kv = G_v q_kv`` and ``dc_k = sum_v G_v q_kv``.
    Both are logarithms of a softmax, hence ``dz_k = dl_k - y_k sum_v dl_kv`` and ``da_k = dc_k - g_k sum_j dc_j``.
    ``dr_k = dz_k E / tau``; dE sums up ``dz_k^T r_k / tau``.
    """
    z = scores(states, table, temperature)  # [..., M, V]
    log, gate = z - log_sum_exp(z), logits - log_sum_exp(logits)
    joint = gate[..., None] + log
    share = np.exp(joint - log_sum_exp(joint.swapaxes(-1, -2)).swapaxes(-1, -2))  # q
    grad_log = grad_out[..., None, :] * share
    grad_gate = grad_log.sum(-1)
    dz = grad_log - np.exp(log) * grad_gate[..., None]
    grad_logits = grad_gate - np.exp(gate) * grad_gate.sum(-1, keepdims=True)
    grad_table = dz.reshape(-1, len(table)).T @ states.reshape(-1, states.shape[-1]) / temperature
    return dz @ table / temperature, grad_logits, grad_table


def mixture_loss(states: ndarray, logits: ndarray, table: ndarray, targets: ndarray, temperature: float,
                 soft: SoftTargets | None = None) -> ndarray:
    """Compute the cross-entropy of the mixture, ``-mean_p sum_v q_p(v) log sum_k g_pk y_pk(v)``, chunk by chunk.

    ``y_k = softmax(r_k E^T / tau)`` and ``g = softmax(a)``. Without ``soft``, q is 1 at the target.

    Shapes: states [P, M, D], logits [P, M], table [V, D], targets [P], out: scalar. See ``mixture_scores``.
    Twin: ``nn.objectives.mixture.mixture_loss``.
    """
    return mixture_value_and_grad(states, logits, table, targets, temperature, soft)[0]


def mixture_loss_backward(grad_out, states: ndarray, logits: ndarray, table: ndarray, targets: ndarray,
                          temperature: float, soft: SoftTargets | None = None) -> tuple[ndarray, ndarray, ndarray]:
    """Return dr [P, M, D], da [P, M] and dE [V, D].

    At one position ``L = -sum_v q_v log m_v`` with ``log m_v = log sum_k exp(c_k + l_kv)``, ``c = log softmax(a)`` and
    ``l_k = log softmax(z_k)``. The slope of logsumexp is the posterior, how much of the probability of v comes from
    state k; times q_v it is ``w_kv = q_v g_k y_kv / m_v``, with the sums ``s_k = sum_v w_kv``. So each state receives
    the gradient of a cross-entropy whose target is w_k: ``dz_k = G (s_k y_k - w_k) / P``; and the gate that of a
    cross-entropy towards the sums: ``da = G (g - s) / P``. Then ``dr_k = dz_k E / tau``; dE sums up
    ``dz_k^T r_k / tau``. With all of q on the target, w_k is the target's posterior, and s_k as well.
    """
    return scaled(grad_out, *mixture_value_and_grad(states, logits, table, targets, temperature, soft)[1:])
