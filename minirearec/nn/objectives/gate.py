"""A gate over the steps, in PyTorch. Twin: ``minirearec.reference.objectives.gate``.

Source: the mixture of softmaxes (arXiv 1711.03953), with the reasoning states as its components.
"""

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.objectives.contrasted import contrasted
from minirearec.nn.objectives.mixture import mixture_loss, mixture_scores
from minirearec.nn.registries import OBJECTIVES
from minirearec.objective import Objective, Positions


def gate_logits(states: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return the gate's logit of every step: ``a_k = w_k . r_k + b_k``. Each logit is read from its own state.

    So the gate knows what every step found; a gate of r_0 alone could only guess how far to trust the later ones.

    With ``random_steps``, a batch may have fewer steps than the gate has weights for.

    Shapes: states [..., M, D], weight [K+1, D], bias [K+1], M at most K+1, out [..., M].
    Twin: ``reference.objectives.gate.gate_logits``.
    """
    M = states.shape[-2]
    return (states * weight[:M]).sum(-1) + bias[:M]


def _loss(positions: Positions, settings: ObjectiveConfig) -> Tensor:
    states = positions.states
    return mixture_loss(states, gate_logits(states, **positions.weights["gate"]), positions.table, positions.targets,
                        settings.temperature, positions.soft)


def _scores(states: Tensor, table: Tensor, weights: dict, settings: ObjectiveConfig) -> Tensor:
    return mixture_scores(states, gate_logits(states, **weights["gate"]), table, settings.temperature)


OBJECTIVES["gate"] = Objective(contrasted(_loss, ensemble=True), scores=_scores)
