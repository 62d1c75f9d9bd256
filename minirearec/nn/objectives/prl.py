"""Progressive Reasoning Learning, in PyTorch. Twin: ``minirearec.reference.objectives.prl``.

Source: paper section 3.4.
"""

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.objectives.common import cross_entropy, info_nce
from minirearec.nn.objectives.contrasted import contrasted
from minirearec.nn.registries import OBJECTIVES
from minirearec.objective import Objective, Positions
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def temperatures(temperature: float, alpha: float, steps: int) -> list[float]:
    """Return the progressive schedule: ``tau_k = tau * alpha^(K-k)`` for k = 0..K; early steps are softer.

    Source: paper section 3.4. Twin: ``reference.objectives.prl.temperatures``.
    """
    return [temperature * alpha ** (steps - k) for k in range(steps + 1)]


def prl_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float, alpha: float,
             progressive_weight: float, noised: Tensor | None = None, contrastive_weight: float = 0.0,
             groups: Tensor | None = None, negatives: Negatives | None = None,
             soft: SoftTargets | None = None) -> Tensor:
    """Compute the PRL loss: cross-entropy at every step, sharper and sharper, plus self-correction.

    ``CE_K + w_p * mean_{k<K} CE_k + w_c * mean_{k>=1} InfoNCE(noised_k, r_k)`` where CE_k has temperature
    tau_k (see temperatures) and InfoNCE has tau. Without noised states there is no last term.

    With negatives every CE_k is a sampled loss (see ``common.cross_entropy``) with the temperature tau_k, over the same
    negatives; with ``soft`` it has soft targets, the same at every step. InfoNCE contrasts the states of a batch, not
    items, and stays as it is.

    Shapes: states [P, K+1, D], table [V, D], targets [P], noised [P, K, D], groups [P], out: scalar.
    Source: paper Eq. 9-14. Twin: ``reference.objectives.prl.prl_loss``.
    """
    steps = states.shape[1] - 1
    losses = [cross_entropy(states[:, k], table, targets, tau, negatives, soft)
              for k, tau in enumerate(temperatures(temperature, alpha, steps))]
    total = losses[-1]
    if steps:
        total = total + progressive_weight * sum(losses[:-1]) / steps
    if noised is not None and contrastive_weight:
        for k in range(steps):
            total = total + contrastive_weight / steps * info_nce(noised[:, k], states[:, k + 1], temperature, groups)
    return total


def _loss(positions: Positions, settings: ObjectiveConfig) -> Tensor:
    return prl_loss(positions.states, positions.table, positions.targets, settings.temperature, settings.alpha,
                    settings.progressive_weight, positions.noised, settings.contrastive_weight, positions.groups,
                    positions.negatives, positions.soft)


OBJECTIVES["prl"] = Objective(contrasted(_loss))
