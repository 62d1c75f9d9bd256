"""Reason step by step, where every history may stop on its own. Twin: ``minirearec.nn.walking``."""

from collections.abc import Generator

from numpy import ndarray

from minirearec.reference.encoding import first_states
from minirearec.reference.reasoning import reasoning_step


def walk(self, items: ndarray, lengths: ndarray) -> Generator[ndarray, ndarray, None]:
    """Yield r_0, ..., r_K, each only for the histories that continue. A method of NumpyEngine: see ``Engine.walk``."""
    model, weights = self.config.model, self._read()[0]
    state, cache, mask = first_states(weights, items, lengths, model.heads, None, model.backbone)
    grown: list = []
    for k in range(model.steps + 1):
        on = yield self._compared(state[:, 0])
        state, mask = state[on], mask[on]
        cache, grown = ([(key[on], value[on]) for key, value in one] for one in (cache, grown))
        if k < model.steps:
            x = state + weights["reasoning_embedding"][k] if "reasoning_embedding" in weights else state
            state, grown = reasoning_step(weights, x, cache, grown, mask, model.heads)
