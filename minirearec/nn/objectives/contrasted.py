"""Losses with the contrast of same targets, in PyTorch. ``reference.objectives.contrasted`` does the same in NumPy."""

from collections.abc import Callable

from torch import Tensor

from minirearec.config import ObjectiveConfig
from minirearec.nn.objectives.common import user_state
from minirearec.nn.objectives.same_target import same_target_contrast
from minirearec.objective import Positions


def contrasted(loss: Callable, ensemble: bool = False) -> Callable:
    """Return the loss that adds ``w`` times the contrast of the answers, if the settings give it a weight w.

    ``ensemble``: whether the mean of the states is contrasted, as for methods that answer with several of them, or r_K
    alone; see ``common.user_state``.
    """
    def total(positions: Positions, settings: ObjectiveConfig) -> Tensor:
        found = loss(positions, settings)
        if not settings.same_target_weight:
            return found
        states = user_state(positions.states, ensemble)
        return found + settings.same_target_weight * same_target_contrast(
            states, positions.targets, positions.groups, settings.same_target_temperature)

    return total
