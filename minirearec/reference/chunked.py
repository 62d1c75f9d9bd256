"""Losses over the whole catalogue with their gradients, in chunks: the [P, V] scores never exist in full.

A chunk of rows is scored, its softmax formed, and its share of the gradients added up before the next chunk;
only gradients of the sizes [P, D] and [V, D] are kept. This is the algorithm; the equations and their
derivations stand in ``objectives``.
"""

from collections.abc import Iterator

import numpy as np
from numpy import ndarray

# Scores held at a time: 4 MB in float32, so that a pass over a chunk finds it in the processor's cache.
CHUNK_SCORES = 1_000_000


def row_chunks(P: int, V: int) -> Iterator[slice]:
    """Slices that cover P rows of V scores, a limited number of scores at a time."""
    step = max(1, CHUNK_SCORES // V)
    return (slice(start, min(start + step, P)) for start in range(0, P, step))


def log_sum_exp(z: ndarray) -> ndarray:
    """``log sum_v exp(z_v)`` over the last axis, which it keeps with length 1; exact for large z too."""
    top = z.max(-1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(-1, keepdims=True))


def leave_out(z: ndarray, groups: ndarray | None, rows: slice) -> ndarray:
    """Scores [R, P] with -inf where a position of the same group stands, other than the row's own."""
    if groups is None:
        return z
    own = np.arange(len(groups))[rows, None] == np.arange(len(groups))
    return np.where((groups[rows, None] == groups) & ~own, -np.inf, z)


def cross_entropy_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                                 groups: ndarray | None = None) -> tuple[ndarray, ndarray, ndarray]:
    """The loss, d(loss)/d(states) [P, D] and d(loss)/d(table) [V, D]; see objectives.cross_entropy_backward.

    With groups (for InfoNCE, where V = P) other positions of a row's group are left out of its sum.
    """
    P, V = len(states), len(table)
    losses, grad_states, grad_table = np.empty_like(states[:, 0]), np.empty_like(states), np.zeros_like(table)
    for rows in row_chunks(P, V):
        shrunk = states[rows] / temperature
        z = leave_out(shrunk @ table.T, groups, rows)  # [R, V]
        row = np.arange(len(z))
        targeted, top = z[row, targets[rows]], z.max(1, keepdims=True)
        z -= top
        powers = np.exp(z, out=z)
        total = powers.sum(1, keepdims=True)
        losses[rows] = (top + np.log(total))[:, 0] - targeted
        # dz = (powers / total - onehot) / P; the division is cheaper on [R, D] than on [R, V].
        grad_states[rows] = ((powers @ table) / total - table[targets[rows]]) / (P * temperature)
        grad_table += powers.T @ (shrunk / (P * total))
    np.add.at(grad_table, targets, states / (-P * temperature))
    return losses.mean(), grad_states, grad_table


def ensemble_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                            kl_weight: float) -> tuple[ndarray, ndarray, ndarray]:
    """ERL's loss, its gradients [P, M, D] and [V, D], for M = K+1 > 1 states; see objectives.erl_loss_backward.

    Scores are linear in the state, so those of the mean state are the mean of the M score rows. The g_i of the
    equations are formed from scores, ``M z_i - sum_j z_j``, in place of log-probabilities: the two differ by a
    number for each i, which leaves ``g_i - y_i . g_i`` as it is, and these numbers sum to 0 over i.
    """
    (P, M, D), V = states.shape, len(table)
    losses, grad_states, grad_table = np.empty_like(states[:, 0, 0]), np.empty_like(states), np.zeros_like(table)
    weight = kl_weight / (M * (M - 1))
    for rows in row_chunks(P, V * M):
        shrunk = (states[rows] / temperature).reshape(-1, D)  # [R M, D]
        z = (shrunk @ table.T).reshape(-1, M, V)
        summed, row = z.sum(1), np.arange(len(z))
        y = np.exp(z - z.max(-1, keepdims=True))
        y /= y.sum(-1, keepdims=True)
        gaps = np.multiply(z, M, out=z)
        gaps -= summed[:, None]
        divergence = np.einsum("rmv,rmv->rm", y, gaps)[:, :, None]  # sums over M to the sum of all KL

        ensemble = np.divide(summed, M, out=summed)  # scores of the mean state [R, V]
        targeted, log_total = ensemble[row, targets[rows]], log_sum_exp(ensemble)
        losses[rows] = log_total[:, 0] - targeted - weight * divergence.sum((1, 2))
        chosen = np.exp(np.subtract(ensemble, log_total, out=ensemble), out=ensemble)
        chosen[row, targets[rows]] -= 1
        gaps -= divergence
        dz = np.multiply(y, gaps, out=y)
        dz *= -weight
        dz += (chosen / M)[:, None]
        dz = dz.reshape(-1, V)
        grad_states[rows] = (dz @ table).reshape(-1, M, D) / (P * temperature)
        grad_table += dz.T @ (shrunk / P)
    return losses.mean(), grad_states, grad_table
