"""Reason step by step, where every history may stop on its own, in PyTorch. Twin: ``minirearec.reference.walking``."""

from collections.abc import Generator

import numpy as np
import torch

from minirearec import parts
from minirearec.nn.backbones.blocks import last_positions
from minirearec.nn.encoding import first_states
from minirearec.nn.registries import REASONERS


@torch.inference_mode()
def walk(self, items: np.ndarray, lengths: np.ndarray) -> Generator[torch.Tensor, np.ndarray, None]:
    """Yield r_0, ..., r_K, each only for the histories that continue. A method of TorchEngine: see ``Engine.walk``."""
    model, weights = self.config.model, self._read()[0]
    history, ends = (torch.from_numpy(one).long().to(self.device) for one in (items, lengths))
    step, everywhere = REASONERS[model.reasoner], parts.REASONERS[model.reasoner].everywhere
    state, cache, mask = first_states(weights, history, ends, model.heads, None, model.backbone, everywhere)
    grown: list = []
    for k in range(model.steps + 1):
        found = last_positions(state, ends) if everywhere else state  # [A, 1, D]
        on = torch.from_numpy((yield self._compared(found[:, 0]))).to(self.device)
        mask = mask[on] if len(mask) == len(on) else mask  # or one mask for all
        state, ends = state[on], ends[on]
        cache, grown = ([tuple(part[on] for part in one) for one in kept] for kept in (cache, grown))
        if k < model.steps:
            x = state + weights["reasoning_embedding"][k] if "reasoning_embedding" in weights else state
            state, grown = step(weights, state, x, cache, grown, mask, model.heads, None, "", model.reasoning)
