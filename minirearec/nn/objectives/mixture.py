"""Mixtures of the distributions of several states, in PyTorch. Twin: ``minirearec.reference.objectives.mixture``."""

import torch
from torch import Tensor

from minirearec.nn.chunked import ChunkedMixtureLoss
from minirearec.nn.objectives.common import scores
from minirearec.targets import SoftTargets


def mixture_scores(states: Tensor, logits: Tensor, table: Tensor, temperature: float) -> Tensor:
    """Return the log-probabilities of the mixture: ``log sum_k g_k softmax(r_k E^T / tau)`` with ``g = softmax(a)``.

    No [..., M, V] array exists, so memory does not grow with M.

    Shapes: states r [..., M, D], logits a [..., M], table [V, D], out [..., V]. Source: Yang et al. 2018, "Breaking the
    softmax bottleneck", arXiv 1711.03953. Twin: ``reference.objectives.mixture.mixture_scores``.
    """
    gate = logits.log_softmax(-1)
    mixed = scores(states[..., 0, :], table, temperature).log_softmax(-1) + gate[..., 0, None]
    for k in range(1, states.shape[-2]):
        own = scores(states[..., k, :], table, temperature).log_softmax(-1) + gate[..., k, None]
        mixed = torch.logaddexp(mixed, own)
    return mixed


def mixture_loss(states: Tensor, logits: Tensor, table: Tensor, targets: Tensor, temperature: float,
                 soft: SoftTargets | None = None) -> Tensor:
    """Compute the cross-entropy of the mixture, ``-mean_p sum_v q_p(v) log sum_k g_pk y_pk(v)``, chunk by chunk.

    ``y_k = softmax(r_k E^T / tau)`` and ``g = softmax(a)``. Without ``soft``, q is 1 at the target.

    Shapes: states [P, M, D], logits [P, M], table [V, D], targets [P], out: scalar. See ``mixture_scores``.
    Twin: ``reference.objectives.mixture.mixture_loss``.
    """
    if soft is None:
        return ChunkedMixtureLoss.apply(states, logits, table, targets[:, None], states.new_ones(len(states), 1), 0.0,
                                        temperature)
    given = torch.from_numpy(soft.shares).to(table.device, table.dtype)
    items = torch.cat([targets[:, None], torch.from_numpy(soft.items).to(table.device)], 1)
    shares = torch.cat([1 - soft.even - given.sum(1, keepdim=True), given], 1)
    return ChunkedMixtureLoss.apply(states, logits, table, items, shares, soft.even, temperature)
