"""Losses with the contrast of same targets, with gradients. ``nn.objectives.contrasted`` does the same in PyTorch."""

from collections.abc import Callable
from dataclasses import replace

from numpy import ndarray

from minirearec.config import ObjectiveConfig
from minirearec.objective import Gradients, Positions
from minirearec.reference.objectives.common import user_state, user_state_backward
from minirearec.reference.objectives.same_target import same_target_contrast_value_and_grad


def contrasted(loss: Callable, ensemble: bool = False) -> Callable:
    """Return the loss that adds ``w`` times the contrast of the answers, if the settings give it a weight w.

    ``ensemble``: whether the mean of the states is contrasted, as for methods that answer with several of them, or r_K
    alone; see ``common.user_state``.
    """
    def total(positions: Positions, settings: ObjectiveConfig) -> tuple[ndarray, Gradients]:
        value, gradients = loss(positions, settings)
        weight = settings.same_target_weight
        if not weight:
            return value, gradients
        more, grad = same_target_contrast_value_and_grad(
            user_state(positions.states, ensemble), positions.targets, positions.groups,
            settings.same_target_temperature)
        through = user_state_backward(weight * grad, positions.states, ensemble)
        return value + weight * more, replace(gradients, states=gradients.states + through)

    return total
