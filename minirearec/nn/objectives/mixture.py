"""Mixtures of the distributions of several states, in PyTorch. Twin: ``minirearec.reference.objectives.mixture``."""

import torch
from torch import Tensor

from minirearec.nn.chunked import ChunkedMixtureLoss
from minirearec.nn.objectives.common import scores


def mixture_scores(states: Tensor, logits: Tensor, table: Tensor, temperature: float) -> Tensor:
    """Return the log-probabilities of the mixture: ``log sum_k g_k softmax(r_k E^T / tau)`` with ``g = softmax(a)``.

    Only two [..., V] arrays exist at a time, whatever M is.

    Shapes: states r [..., M, D], logits a [..., M], table [V, D], out [..., V]. Source: Yang et al. 2018, "Breaking the
    softmax bottleneck", arXiv 1711.03953. Twin: ``reference.objectives.mixture.mixture_scores``.
    """
    gate = logits.log_softmax(-1)
    mixed = scores(states[..., 0, :], table, temperature).log_softmax(-1) + gate[..., 0, None]
    for k in range(1, states.shape[-2]):
        own = scores(states[..., k, :], table, temperature).log_softmax(-1) + gate[..., k, None]
        mixed = torch.logaddexp(mixed, own)
    return mixed


def mixture_loss(states: Tensor, logits: Tensor, table: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Compute the mean of ``-log sum_k g_k softmax(r_k E^T / tau)[target]``, in chunks of positions.

    Shapes: states [P, M, D], logits [P, M], table [V, D], targets [P], out: scalar. See ``mixture_scores``.
    Twin: ``reference.objectives.mixture.mixture_loss``.
    """
    return ChunkedMixtureLoss.apply(states, logits, table, targets, temperature)
