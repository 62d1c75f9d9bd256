"""What soft targets add to a cross-entropy, with gradients. Twin: ``minirearec.nn.soft``."""

import numpy as np
from numpy import ndarray

from minirearec.targets import SoftTargets


def softening(states: ndarray, table: ndarray, targets: ndarray, temperature: float, soft: SoftTargets) -> ndarray:
    """Compute the cross-entropy against the distributions q_p minus that against the targets alone.

    Both have the same logsumexp, so it is ``mean_p z_pt - sum_v q_p(v) z_pv``. Scores are linear in the state:
    ``mean_p r_p . (e_t - sum_v q_p(v) e_v) / tau``. We need the vectors of the items in q_p, and no further scores of
    the catalogue. For q see ``targets.SoftTargets``.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar.
    Source: Szegedy et al. 2016, arXiv 1512.00567 (label smoothing); Hinton et al. 2015, arXiv 1503.02531 (a teacher's
    distribution). Twin: ``nn.soft.softening``.
    """
    return softening_value_and_grad(states, table, targets, temperature, soft)[0]


def softening_value_and_grad(states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                             soft: SoftTargets) -> tuple[ndarray, ndarray, ndarray]:
    """Return the value and its gradients with respect to states [P, D] and table [V, D]."""
    scale = states.dtype.type(1 / (len(states) * temperature))
    given = soft.shares.astype(table.dtype)  # [P, S]
    items = np.concatenate([targets[:, None], soft.items], 1)
    shares = np.concatenate([given.sum(1, keepdims=True) + given.dtype.type(soft.even), -given], 1)
    even = given.dtype.type(soft.even / len(table))
    gaps = np.einsum("ps,psd->pd", shares, table[items]) - even * table.sum(0)
    grad_table = np.zeros_like(table) - even * scale * states.sum(0)
    np.add.at(grad_table, items, scale * shares[:, :, None] * states[:, None])
    return scale * (states * gaps).sum(), scale * gaps, grad_table


def softening_backward(grad_out, states: ndarray, table: ndarray, targets: ndarray, temperature: float,
                       soft: SoftTargets) -> tuple[ndarray, ndarray]:
    """Return dr [P, D] and dE [V, D].

    The value is linear in the states and in the table. With ``d_pv = 1[v = t_p] - q_p(v)``:
    ``dr_p = G sum_v d_pv e_v / (P tau)`` and ``de_v = G sum_p d_pv r_p / (P tau)``. In d, the target has all that it
    gives away, every other item minus its share, and all items minus e / V.
    """
    _, grad_states, grad_table = softening_value_and_grad(states, table, targets, temperature, soft)
    return grad_out * grad_states, grad_out * grad_table
