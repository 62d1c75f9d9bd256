"""Contrast states by their targets, with gradients. Twin: ``minirearec.nn.objectives.same_target``."""

import numpy as np
from numpy import ndarray

from minirearec.reference.chunked import cross_entropy_value_and_grad
from minirearec.targets import partners


def same_target_contrast(states: ndarray, targets: ndarray, groups: ndarray, temperature: float) -> ndarray:
    """Pull together the states of different histories before the same item, away from those before other items.

    ``-mean_p log( exp(s_pp') / (exp(s_pp') + sum_q exp(s_pq')) )`` with ``s_pq = r_p . r_q / tau``, over the positions
    that have a partner p' (see ``targets.partners``); 0 if none has. The sum has all partners q' of other targets and
    other histories. Partners are in the batch already; DuoRec encodes one more history for each position.

    Shapes: states [P, D], targets and groups [P] indices, out: scalar. Source: Qiu et al. 2022, "DuoRec", arXiv
    2110.05730 (its supervised term). Twin: ``nn.objectives.same_target.same_target_contrast``.
    """
    return same_target_contrast_value_and_grad(states, targets, groups, temperature)[0]


def same_target_contrast_value_and_grad(states: ndarray, targets: ndarray, groups: ndarray,
                                        temperature: float) -> tuple[ndarray, ndarray]:
    """Return the loss and its gradient with respect to the states [P, D]."""
    first, second = partners(targets, groups)
    grad_states = np.zeros_like(states)
    if not len(first):
        return 0 * states.sum(), grad_states
    left_out = (targets[first], targets[second]), (groups[first], groups[second])
    loss, grad_first, grad_second = cross_entropy_value_and_grad(
        states[first], states[second], np.arange(len(first)), temperature, left_out)
    np.add.at(grad_states, first, grad_first)
    np.add.at(grad_states, second, grad_second)
    return loss, grad_states


def same_target_contrast_backward(grad_out, states: ndarray, targets: ndarray, groups: ndarray,
                                  temperature: float) -> ndarray:
    """Return dr [P, D].

    A state is compared twice: as itself, and as the partner of the position before it in its ring. It receives both
    gradients of ``info_nce_backward``; a state without a partner receives 0.
    """
    return grad_out * same_target_contrast_value_and_grad(states, targets, groups, temperature)[1]
