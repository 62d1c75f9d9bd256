"""Ensemble Reasoning Learning, in PyTorch. Twin: ``minirearec.reference.objectives.erl``. Source: paper section 3.3."""

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.chunked import ChunkedEnsembleLoss
from minirearec.nn.objectives.common import cross_entropy, user_state
from minirearec.nn.objectives.contrasted import contrasted
from minirearec.nn.registries import OBJECTIVES
from minirearec.nn.sampled import sampled_ensemble
from minirearec.nn.soft import softening
from minirearec.objective import Objective, Positions
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def erl_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float, kl_weight: float,
             negatives: Negatives | None = None, soft: SoftTargets | None = None) -> Tensor:
    """Compute the ERL loss: ``CE(mean_k r_k) - lambda * mean_{i != j} KL(y_i || sg(y_j))``.

    ``y_k = softmax(r_k E^T / tau)``; sg stops the gradient through the second distribution. The KL term is
    the mean over ordered pairs and positions; with K = 0 there are no pairs and the term is 0.

    With negatives the cross-entropy is a sampled loss (see ``common.cross_entropy``), and the KL term compares steps
    over the candidates (see ``sampled.sampled_ensemble``). With ``soft`` the cross-entropy has soft targets.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper Eq. 6-8, as in the authors' code. Twin: ``reference.objectives.erl.erl_loss``.
    """
    if kl_weight == 0 or states.shape[1] == 1:
        return cross_entropy(states.mean(1), table, targets, temperature, negatives, soft)
    if negatives is not None:
        return sampled_ensemble(states, table, targets, temperature, kl_weight, negatives)
    loss = ChunkedEnsembleLoss.apply(states, table, targets, temperature, kl_weight)
    return loss if soft is None else loss + softening(states.mean(1), table, targets, temperature, soft)


def _loss(positions: Positions, settings: ObjectiveConfig) -> Tensor:
    return erl_loss(positions.states, positions.table, positions.targets, settings.temperature, settings.kl_weight,
                    positions.negatives, positions.soft)


def _answer(states: Tensor, weights: dict) -> Tensor:
    return user_state(states, ensemble=True)


OBJECTIVES["erl"] = Objective(contrasted(_loss, ensemble=True), _answer)
