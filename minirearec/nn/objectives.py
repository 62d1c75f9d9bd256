"""The five training objectives over reasoning states, in PyTorch. Twin: ``minirearec.reference.objectives``.

All of them take states [P, K+1, D]: the reasoning states r_0..r_K of P positions (prefixes), whatever
made them. Source: paper sections 3.3 (ERL) and 3.4 (PRL).
"""

import torch
from torch import Tensor

from minirearec.nn.chunked import ChunkedCrossEntropy, ChunkedEnsembleLoss


def temperatures(temperature: float, alpha: float, steps: int) -> list[float]:
    """The progressive schedule: ``tau_k = tau * alpha^(K-k)`` for k = 0..K; early steps are softer.

    Source: paper section 3.4. Twin: ``reference.objectives.temperatures``.
    """
    return [temperature * alpha ** (steps - k) for k in range(steps + 1)]


def scores(states: Tensor, table: Tensor, temperature: float) -> Tensor:
    """Scores of the whole catalogue: ``r E^T / tau``.

    Shapes: states [..., D], table [V, D], out [..., V]. Twin: ``reference.objectives.scores``.
    """
    return states @ table.T / temperature


def user_state(states: Tensor, ensemble: bool) -> Tensor:
    """What stands for the user: the mean of r_0..r_K (ERL), else r_K.

    Shapes: states [..., K+1, D], out [..., D]. Source: paper Eq. 6. Twin: ``reference.objectives.user_state``.
    """
    return states.mean(-2) if ensemble else states[..., -1, :]


def cross_entropy(states: Tensor, table: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Mean full-softmax loss: ``-log softmax(r E^T / tau)[target]``, in chunks of positions.

    Shapes: states [P, D], table [V, D], targets [P] indices, out: scalar. The [P, V] scores never exist
    in full: their gradient is formed in the same sweep. Twin: ``reference.objectives.cross_entropy``.
    """
    return ChunkedCrossEntropy.apply(states, table, targets, temperature, None)


def info_nce(noised: Tensor, clean: Tensor, temperature: float, groups: Tensor | None = None) -> Tensor:
    """Contrast a noised state with the clean state of the same position against those of the others.

    ``-mean_p log( exp(s_pp) / sum_q exp(s_pq) )`` with ``s_pq = noised_p . clean_q / tau``. Positions q of
    the same group as p (prefixes of one history are no negatives of each other) are left out of the sum.

    Shapes: noised and clean [P, D], groups [P] integers or None (every position its own), out: scalar.
    Source: paper Eq. 13. Twin: ``reference.objectives.info_nce``.
    """
    targets = torch.arange(len(noised), device=noised.device)
    return ChunkedCrossEntropy.apply(noised, clean, targets, temperature, groups)


def last_step_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Cross-entropy of the last state r_K: the base (K = 0), naive and rpe objectives.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper section 3.1. Twin: ``reference.objectives.last_step_loss``.
    """
    return cross_entropy(states[:, -1], table, targets, temperature)


def erl_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float, kl_weight: float) -> Tensor:
    """Ensemble Reasoning Learning: ``CE(mean_k r_k) - lambda * mean_{i != j} KL(y_i || sg(y_j))``.

    ``y_k = softmax(r_k E^T / tau)``; sg stops the gradient through the second distribution. The KL term is
    the mean over ordered pairs and positions; with K = 0 there are no pairs and it is 0.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper Eq. 6-8, as in the authors' code. Twin: ``reference.objectives.erl_loss``.
    """
    if kl_weight == 0 or states.shape[1] == 1:
        return cross_entropy(states.mean(1), table, targets, temperature)
    return ChunkedEnsembleLoss.apply(states, table, targets, temperature, kl_weight)


def prl_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float, alpha: float,
             progressive_weight: float, noised: Tensor | None = None, contrastive_weight: float = 0.0,
             groups: Tensor | None = None) -> Tensor:
    """Progressive Reasoning Learning: cross-entropy at every step, ever sharper, plus self-correction.

    ``CE_K + w_p * mean_{k<K} CE_k + w_c * mean_{k>=1} InfoNCE(noised_k, r_k)`` where CE_k has temperature
    tau_k (see temperatures) and InfoNCE has tau. Without noised states the last term is absent.

    Shapes: states [P, K+1, D], table [V, D], targets [P], noised [P, K, D], groups [P], out: scalar.
    Source: paper Eq. 9-14. Twin: ``reference.objectives.prl_loss``.
    """
    steps = states.shape[1] - 1
    losses = [cross_entropy(states[:, k], table, targets, tau)
              for k, tau in enumerate(temperatures(temperature, alpha, steps))]
    total = losses[-1]
    if steps:
        total = total + progressive_weight * sum(losses[:-1]) / steps
    if noised is not None and contrastive_weight:
        for k in range(steps):
            total = total + contrastive_weight / steps * info_nce(noised[:, k], states[:, k + 1], temperature, groups)
    return total
