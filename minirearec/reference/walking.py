"""Reason step by step, where every history may stop on its own. Twin: ``minirearec.nn.walking``."""

from collections.abc import Generator

from numpy import ndarray

from minirearec import parts
from minirearec.reference.backbones.blocks import last_positions
from minirearec.reference.encoding import first_states
from minirearec.reference.registries import REASONERS


def walk(self, items: ndarray, lengths: ndarray) -> Generator[ndarray, ndarray, None]:
    """Yield r_0, ..., r_K, each only for the histories that continue. A method of NumpyEngine: see ``Engine.walk``."""
    model, weights = self.config.model, self._read()[0]
    step, everywhere = REASONERS[model.reasoner].step_keeping, parts.REASONERS[model.reasoner].everywhere
    state, cache, mask = first_states(weights, items, lengths, model.heads, None, model.backbone, everywhere)
    grown: list = []
    for k in range(model.steps + 1):
        found = last_positions(state, lengths) if everywhere else state  # [A, 1, D]
        on = yield self._compared(found[:, 0])
        mask = mask[on] if len(mask) == len(on) else mask  # or one mask for all
        state, lengths = state[on], lengths[on]
        cache, grown = ([tuple(part[on] for part in one) for one in kept] for kept in (cache, grown))
        if k < model.steps:
            x = state + weights["reasoning_embedding"][k] if "reasoning_embedding" in weights else state
            state, grown, _ = step(weights, state, x, cache, grown, mask, model.heads, None, "", model.reasoning)
