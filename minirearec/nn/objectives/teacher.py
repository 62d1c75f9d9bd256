"""Reasoning steps with a teacher, in PyTorch. Twin: ``minirearec.reference.objectives.teacher``."""

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.objectives.common import cross_entropy
from minirearec.nn.objectives.contrasted import contrasted
from minirearec.nn.registries import OBJECTIVES
from minirearec.objective import Objective, Positions
from minirearec.targets import SoftTargets


def teacher_loss(states: Tensor, table: Tensor, targets: Tensor, temperature: float, progressive_weight: float,
                 soft: SoftTargets | None = None) -> Tensor:
    """Compute the loss of steps that first imitate a teacher and then find the target.

    ``CE(r_K, q_K) + w_p * mean_{k<K} CE(r_k, q_k)``, where q_k gives the teacher's distribution ``1 - k/K`` of its
    share: all of it at r_0, nothing at r_K, which learns the target alone. Without ``soft`` all steps do.

    Shapes: states [P, K+1, D], table [V, D], targets [P], out: scalar.
    Source: ours, after the teacher of ManCAR. Twin: ``reference.objectives.teacher.teacher_loss``.
    """
    steps = states.shape[1] - 1
    losses = [cross_entropy(states[:, k], table, targets, temperature, None,
                            soft and soft.weakened(1 - k / steps if steps else 0)) for k in range(steps + 1)]
    return losses[-1] + progressive_weight * sum(losses[:-1]) / steps if steps else losses[-1]


def _loss(positions: Positions, settings: ObjectiveConfig) -> Tensor:
    return teacher_loss(positions.states, positions.table, positions.targets, settings.temperature,
                        settings.progressive_weight, positions.soft)


OBJECTIVES["teacher"] = Objective(contrasted(_loss))
