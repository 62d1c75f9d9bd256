"""Cross-entropy of the last state, for base, naive and rpe, in PyTorch.

Twin: ``minirearec.reference.objectives.last_step``. Source: paper section 3.1.
"""

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.objectives.common import cross_entropy
from minirearec.nn.objectives.contrasted import contrasted
from minirearec.nn.registries import OBJECTIVES
from minirearec.objective import Objective, Positions
from minirearec.sampling import Negatives
from minirearec.targets import SoftTargets


def last_step_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float,
                   negatives: Negatives | None = None, soft: SoftTargets | None = None) -> Tensor:
    """Compute the cross-entropy of the last state r_K: the base (K = 0), naive and rpe objectives.

    With negatives the cross-entropy is a sampled loss, and with ``soft`` it has soft targets: see
    ``common.cross_entropy``.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: paper section 3.1. Twin: ``reference.objectives.last_step.last_step_loss``.
    """
    return cross_entropy(states[:, -1], table, targets, temperature, negatives, soft)


def _loss(positions: Positions, settings: ObjectiveConfig) -> Tensor:
    return last_step_loss(positions.states, positions.table, positions.targets, settings.temperature,
                          positions.negatives, positions.soft)


OBJECTIVES["last_step"] = Objective(contrasted(_loss))
