"""Losses over the target and a few drawn negatives in place of the whole catalogue, with gradients.

Twin: ``minirearec.nn.sampled``. How negatives are drawn is in ``minirearec.sampling``. In all of these, a negative
that happens to be the target of a position is left out at that position: its score is -inf, its gradient 0.
"""

import numpy as np
from numpy import ndarray

from minirearec.reference.chunked import log_sum_exp
from minirearec.sampling import Negatives


def _scores(states: ndarray, table: ndarray, targets: ndarray, temperature: float, negatives: Negatives) -> ndarray:
    """Score the target, then the negatives: states [P, M, D] -> [P, M, 1 + N], with -inf for what is left out."""
    own = np.einsum("pmd,pd->pm", states, table[targets])[..., None]
    others = np.where((negatives.items == targets[:, None])[:, None], -np.inf, states @ table[negatives.items].T)
    return np.concatenate([own, others.astype(own.dtype)], -1) / temperature


def _scores_backward(dz: ndarray, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                     negatives: Negatives) -> tuple[ndarray, ndarray]:
    """Return the gradients of states and table.

    With the rows ``c`` of the candidates, ``dr = sum_c dz_c e_c / tau`` and ``de_c = sum over positions of
    dz_c r / tau``; a row of the table that is the candidate of several positions sums what they give.
    """
    dz = dz / temperature
    grad_states = dz[..., :1] * table[targets][:, None] + dz[..., 1:] @ table[negatives.items]
    grad_table = np.zeros_like(table)
    np.add.at(grad_table, targets, np.einsum("pm,pmd->pd", dz[..., 0], states))
    np.add.at(grad_table, negatives.items, np.einsum("pmn,pmd->nd", dz[..., 1:], states, optimize=True))
    return grad_states, grad_table


def _corrected(scores: ndarray, negatives: Negatives) -> ndarray:
    """Subtract log(N q) from the scores of the negatives, in place."""
    scores[..., 1:] -= negatives.log_counts.astype(scores.dtype)
    return scores


def sampled_softmax(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                    negatives: Negatives) -> ndarray:
    """Compute the mean of ``log( exp(z_t) + sum_n exp(z_n - log(N q_n)) ) - z_t`` with ``z = r E^T / tau``.

    The correction makes the sum an unbiased estimate of the full softmax's sum over V items: among N draws, item n
    occurs N q_n times on average. The target is there once, and is not drawn, so it needs no correction. The loss
    itself is biased, since the logarithm is concave: its mean over draws lies below the full loss. So is its gradient,
    in which the estimated sum is a denominator. Both biases shrink like 1/N; with every item drawn once they are 0.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. Source: Bengio and Senecal 2008; Yi et al.
    2019 (logQ); Khrylchenko et al. 2025, arXiv 2507.09331 (the target). Twin: ``nn.sampled.sampled_softmax``.
    """
    assert negatives.beta is None, "negatives of gbce"
    return sampled_value_and_grad(states, table, targets, temperature, negatives)[0]


def sampled_softmax_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                             negatives: Negatives) -> tuple[ndarray, ndarray]:
    """Return dr [P, D] and dE [V, D].

    As in the full loss, with the softmax over the candidates: ``dz_p = G (softmax(z_p) - onehot(0)) / P`` [1 + N]. The
    corrections are constants. Then see ``_scores_backward``.
    """
    _, grad_states, grad_table = sampled_value_and_grad(states, table, targets, temperature, negatives)
    return grad_out * grad_states, grad_out * grad_table


def gbce(states: ndarray, table: ndarray, targets: ndarray, temperature: float, negatives: Negatives) -> ndarray:
    """Compute the mean of ``-( beta log sigmoid(z_t) + sum_n log(1 - sigmoid(z_n)) ) / (N + 1)``, z = r E^T / tau.

    A sample over-represents the positives: it holds every target, but few of the V - 1 negatives. A model that fits it
    overrates the targets; beta < 1 (see ``sampling.gbce_power``) lowers their weight as the sampling lowers that of the
    negatives. With t = 1 the mean over draws is, but for a factor, nearly the binary cross-entropy over all items; with
    t < 1 the best scores are too high, in the right order. It differs from the softmax loss for every N.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. Source: Petrov and Macdonald 2023, "gSASRec",
    arXiv 2308.07192. Twin: ``nn.sampled.gbce``.
    """
    assert negatives.beta is not None, "negatives of a softmax"
    return sampled_value_and_grad(states, table, targets, temperature, negatives)[0]


def gbce_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                  negatives: Negatives) -> tuple[ndarray, ndarray]:
    """Return dr [P, D] and dE [V, D].

    With ``log sigmoid(z)' = 1 - sigmoid(z)`` and ``log(1 - sigmoid(z))' = -sigmoid(z)``:
    ``dz_t = -G beta (1 - sigmoid(z_t)) / (P (N + 1))`` and ``dz_n = G sigmoid(z_n) / (P (N + 1))``. Then see
    ``_scores_backward``.
    """
    return sampled_softmax_backward(grad_out, states, table, targets, temperature, negatives)


def sampled_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                           negatives: Negatives) -> tuple[ndarray, ndarray, ndarray]:
    """Return the sampled softmax's loss, or gBCE's if the negatives have a beta, and its gradients dr and dE."""
    P, N = len(states), len(negatives.items)
    z = _scores(states[:, None], table, targets, temperature, negatives)
    if negatives.beta is None:
        z = _corrected(z, negatives)
        log_total = log_sum_exp(z)
        loss = (log_total[..., 0] - z[..., 0]).mean()
        dz = np.exp(z - log_total)
        dz[..., 0] -= 1
    else:
        z[..., 0] *= -1  # -log sigmoid(z) = softplus(-z), and -log(1 - sigmoid(z)) = softplus(z)
        weight = np.ones(1 + N, z.dtype)
        weight[0] = negatives.beta
        loss = (weight * np.logaddexp(0, z)).sum(-1).mean() / (1 + N)
        dz = weight * _sigmoid(z) / (1 + N)
        dz[..., 0] *= -1
    grad_states, grad_table = _scores_backward(dz / P, states[:, None], table, targets, temperature, negatives)
    return loss, grad_states[:, 0], grad_table


def _sigmoid(z: ndarray) -> ndarray:
    """Return ``1 / (1 + exp(-z))``, without overflow."""
    return np.exp(-np.logaddexp(0, -z))


def sampled_ensemble(states: ndarray, table: ndarray, targets: ndarray, temperature: float, kl_weight: float,
                     negatives: Negatives) -> ndarray:
    """Compute ERL's loss over the candidates: ``sampled_softmax(mean_k r_k) - lambda * mean_{i != j} KL(y_i || y_j)``.

    y_k is the softmax of the corrected scores of r_k over the target and the negatives, an estimate of its share of the
    full softmax; the gradient stops at the second distribution (see ``objectives.erl.erl_loss``). The estimate sees
    only drawn items: steps that differ elsewhere count as equal, and the bias shrinks with N as that of the softmax.

    Shapes: states [P, M, D] with M > 1, table [V, D], targets [P], out: scalar.
    Twin: ``nn.sampled.sampled_ensemble``.
    """
    return sampled_ensemble_value_and_grad(states, table, targets, temperature, kl_weight, negatives)[0]


def sampled_ensemble_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                              kl_weight: float, negatives: Negatives) -> tuple[ndarray, ndarray]:
    """Return dr [P, M, D] and dE [V, D]: dz is that of ``erl_loss_backward``, with the candidates as the catalogue."""
    _, grad_states, grad_table = sampled_ensemble_value_and_grad(states, table, targets, temperature, kl_weight,
                                                                 negatives)
    return grad_out * grad_states, grad_out * grad_table


def sampled_ensemble_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                                    kl_weight: float, negatives: Negatives) -> tuple[ndarray, ndarray, ndarray]:
    """Return the loss and its gradients dr [P, M, D] and dE [V, D]; see ``erl_loss_backward`` for g and dz."""
    P, M, _ = states.shape
    z = _corrected(_scores(states, table, targets, temperature, negatives), negatives)  # [P, M, 1 + N]
    y = np.exp(z - log_sum_exp(z))
    kept = np.where(np.isneginf(z), 0, z)  # left out: 0 * 0 in place of 0 * (inf - inf)
    gaps = M * kept - kept.sum(1, keepdims=True)  # g
    divergence = (y * gaps).sum(-1, keepdims=True)  # y . g, whose sum over M is the sum of all KL
    ensemble = z.mean(1)  # scores of the mean state [P, 1 + N]
    log_total = log_sum_exp(ensemble)
    weight = kl_weight / (M * (M - 1))
    loss = (log_total[:, 0] - ensemble[:, 0] - weight * divergence.sum((1, 2))).mean()
    chosen = np.exp(ensemble - log_total)
    chosen[:, 0] -= 1
    dz = (chosen / M)[:, None] - weight * y * (gaps - divergence)
    return loss, *_scores_backward(dz / P, states, table, targets, temperature, negatives)
