"""Losses over the target and a few drawn negatives in place of the whole catalogue, in PyTorch.

Twin: ``minirearec.reference.sampled``. How negatives are drawn is in ``minirearec.sampling``. In all of these, a
negative that happens to be the target of a position is left out at that position.
"""

import torch
from torch import Tensor

from minirearec.sampling import Negatives


def _scores(states: Tensor, table: Tensor, targets: Tensor, temperature: float, negatives: Negatives) -> Tensor:
    """Score the target, then the negatives: states [P, M, D] -> [P, M, 1 + N], with -inf for what is left out."""
    items = torch.from_numpy(negatives.items).to(table.device)
    own = torch.linalg.vecdot(states, table[targets][:, None])[..., None] / temperature  # [P, M, 1]
    others = (states @ table[items].T / temperature).masked_fill((items == targets[:, None])[:, None], float("-inf"))
    return torch.cat([own, others], -1)


def _corrected(scores: Tensor, negatives: Negatives) -> Tensor:
    """Subtract log(N q) from the scores of the negatives, in place."""
    scores[..., 1:] -= torch.from_numpy(negatives.log_counts).to(scores.device, scores.dtype)
    return scores


def sampled_softmax(states: Tensor, table: Tensor, targets: Tensor, temperature: float, negatives: Negatives) -> Tensor:
    """Compute the mean of ``log( exp(z_t) + sum_n exp(z_n - log(N q_n)) ) - z_t`` with ``z = r E^T / tau``.

    The correction makes the sum an unbiased estimate of the full softmax's sum over V items: among N draws, item n
    occurs N q_n times on average. The target is there once, and is not drawn, so it needs no correction. The loss
    itself is biased, since the logarithm is concave: its mean over draws lies below the full loss. So is its gradient,
    in which the estimated sum is a denominator. Both biases shrink like 1/N; with every item drawn once they are 0.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. Source: Bengio and Senecal 2008; Yi et al.
    2019 (logQ); Khrylchenko et al. 2025, arXiv 2507.09331 (the target). Twin: ``reference.sampled.sampled_softmax``.
    """
    assert negatives.beta is None, "negatives of gbce"
    z = _corrected(_scores(states[:, None], table, targets, temperature, negatives), negatives)[:, 0]
    return (z.logsumexp(-1) - z[:, 0]).mean()


def gbce(states: Tensor, table: Tensor, targets: Tensor, temperature: float, negatives: Negatives) -> Tensor:
    """Compute the mean of ``-( beta log sigmoid(z_t) + sum_n log(1 - sigmoid(z_n)) ) / (N + 1)``, z = r E^T / tau.

    A sample over-represents the positives: it holds every target, but few of the V - 1 negatives. A model that fits it
    overrates the targets; beta < 1 (see ``sampling.gbce_power``) lowers their weight as the sampling lowers that of the
    negatives. With t = 1 the mean over draws is, but for a factor, nearly the binary cross-entropy over all items; with
    t < 1 the best scores are too high, in the right order. It differs from the softmax loss for every N.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. Source: Petrov and Macdonald 2023, "gSASRec",
    arXiv 2308.07192. Twin: ``reference.sampled.gbce``.
    """
    assert negatives.beta is not None, "negatives of a softmax"
    z = _scores(states[:, None], table, targets, temperature, negatives)[:, 0]
    losses = negatives.beta * torch.nn.functional.softplus(-z[:, 0]) + torch.nn.functional.softplus(z[:, 1:]).sum(-1)
    return losses.mean() / z.shape[-1]


def sampled_ensemble(states: Tensor, table: Tensor, targets: Tensor, temperature: float, kl_weight: float,
                     negatives: Negatives) -> Tensor:
    """Compute ERL's loss over the candidates: ``sampled_softmax(mean_k r_k) - lambda * mean_{i != j} KL(y_i || y_j)``.

    y_k is the softmax of the corrected scores of r_k over the target and the negatives, an estimate of its share of the
    full softmax; the gradient stops at the second distribution (see ``objectives.erl.erl_loss``). The estimate sees
    only drawn items: steps that differ elsewhere count as equal, and the bias shrinks with N as that of the softmax.

    Shapes: states [P, M, D] with M > 1, table [V, D], targets [P], out: scalar.
    Twin: ``reference.sampled.sampled_ensemble``.
    """
    z = _corrected(_scores(states, table, targets, temperature, negatives), negatives)  # [P, M, 1 + N]
    ensemble = z.mean(1)
    logs = z.log_softmax(-1)
    chosen = logs.exp()
    logs = logs.masked_fill(z == float("-inf"), 0.0)  # left out: 0 * (0 - 0) in place of 0 * (inf - inf)
    M = states.shape[1]
    constant = logs.detach()
    divergence = (chosen * (M * logs - logs - (constant.sum(1, keepdim=True) - constant))).sum((1, 2)) / (M * (M - 1))
    return (ensemble.logsumexp(-1) - ensemble[:, 0] - kl_weight * divergence).mean()
