"""Losses over the whole catalogue with their gradients, in chunks: the [P, V] scores never exist in full.

For each chunk of rows we compute the scores, their softmax and the chunk's share of the gradients before the next
chunk; only gradients of the sizes [P, D] and [V, D] are kept. This is the algorithm; the equations and their
derivations are in ``objectives``.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy import ndarray

from minirearec.targets import SoftTargets, distribution

# Scores held at a time: 4 MB in float32, so that a chunk stays in the processor's cache between passes over it.
CHUNK_SCORES = 1_000_000
# But at least this many rows: with fewer, reading the table takes longer than the products. 128 MB for 1,000,000 items.
FEWEST_ROWS = 32


def row_chunks(P: int, V: int, M: int = 1) -> Iterator[slice]:
    """Return slices that cover P rows, each of M times V scores, with a limited number of scores in each slice."""
    step = max(1, max(FEWEST_ROWS, CHUNK_SCORES // V) // M)
    return (slice(start, min(start + step, P)) for start in range(0, P, step))


def log_sum_exp(z: ndarray) -> ndarray:
    """Return ``log sum_v exp(z_v)`` over the last axis, kept with length 1; exact for large z too."""
    top = z.max(-1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(-1, keepdims=True))


def leave_out(z: ndarray, groups: ndarray | None, rows: slice, others: ndarray | None = None) -> ndarray:
    """Return scores [R, P] with -inf at the other columns of each row's group; ``others``: groups of the columns."""
    if groups is None:
        return z
    own = np.arange(len(groups))[rows, None] == np.arange(len(groups))
    return np.where((groups[rows, None] == (groups if others is None else others)) & ~own, -np.inf, z)


def cross_entropy_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                                 left_out: Sequence[tuple[ndarray, ndarray]] = ()) -> tuple[ndarray, ndarray, ndarray]:
    """Return the loss, d(loss)/d(states) [P, D] and d(loss)/d(table) [V, D]; see objectives.cross_entropy_backward.

    ``left_out`` (for contrasts, where V = P) holds pairs of groups (of positions [P], of the table's rows [P]): the sum
    of a position leaves out the rows of its group, but for the row of its own number.
    """
    P, V = len(states), len(table)
    losses, grad_states, grad_table = np.empty_like(states[:, 0]), np.empty_like(states), np.zeros_like(table)
    for rows in row_chunks(P, V):
        shrunk = states[rows] / temperature
        z = shrunk @ table.T  # [R, V]
        for own, others in left_out:
            z = leave_out(z, own, rows, others)
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
    """Return ERL's loss and its gradients [P, M, D] and [V, D], M = K+1 > 1; see objectives.erl_loss_backward.

    Scores are linear in the state, so the scores of the mean state are the mean of the M score rows. We compute the
    g_i of the equations from scores, ``M z_i - sum_j z_j``, instead of log-probabilities: the two differ by one number
    for each i, which does not change ``g_i - y_i . g_i``, and these numbers sum to 0 over i.
    """
    (P, M, D), V = states.shape, len(table)
    losses, grad_states, grad_table = np.empty_like(states[:, 0, 0]), np.empty_like(states), np.zeros_like(table)
    weight = kl_weight / (M * (M - 1))
    for rows in row_chunks(P, V, M):
        shrunk = (states[rows] / temperature).reshape(-1, D)  # [R M, D]
        z = (shrunk @ table.T).reshape(-1, M, V)
        summed, row = z.sum(1), np.arange(len(z))
        y = np.exp(z - z.max(-1, keepdims=True))
        y /= y.sum(-1, keepdims=True)
        gaps = np.multiply(z, M, out=z)
        gaps -= summed[:, None]
        divergence = np.einsum("rmv,rmv->rm", y, gaps)[:, :, None]  # its sum over M is the sum of all KL

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


def mixture_value_and_grad(states: ndarray, logits: ndarray, table: ndarray, targets: ndarray, temperature: float,
                           soft: SoftTargets | None = None) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """Return the mixture's loss and the gradients of states [P, M, D], logits [P, M] and table [V, D].

    See objectives.mixture_loss_backward for the equations. Here q is written out for every chunk, [R, V].
    """
    (P, M, D), V = states.shape, len(table)
    losses, grad_states, grad_table = np.empty_like(states[:, 0, 0]), np.empty_like(states), np.zeros_like(table)
    gate, sums = logits - log_sum_exp(logits), np.empty_like(logits)
    for rows in row_chunks(P, V, M):
        shrunk = (states[rows] / temperature).reshape(-1, D)  # [R M, D]
        z = shrunk @ table.T
        log_y = (z - log_sum_exp(z)).reshape(-1, M, V)
        joint = log_y + gate[rows, :, None]  # log g_k y_kv
        log_mixture = log_sum_exp(joint.swapaxes(1, 2))[..., 0]  # [R, V]
        q = distribution(targets[rows], V, soft and soft.take(rows)).astype(table.dtype)
        losses[rows] = -(q * log_mixture).sum(1)
        w = q[:, None] * np.exp(joint - log_mixture[:, None])
        sums[rows] = w.sum(2)
        dz = (sums[rows, :, None] * np.exp(log_y) - w).reshape(-1, V)
        grad_states[rows] = (dz @ table).reshape(-1, M, D) / (P * temperature)
        grad_table += dz.T @ (shrunk / P)
    return losses.mean(), grad_states, (np.exp(gate) - sums) / P, grad_table
