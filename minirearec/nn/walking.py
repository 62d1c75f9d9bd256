"""Reason step by step, where every history may stop on its own, in PyTorch. Twin: ``minirearec.reference.walking``."""

from collections.abc import Generator

import numpy as np
import torch

from minirearec.nn.encoding import first_states
from minirearec.nn.reasoning import reasoning_step


@torch.inference_mode()
def walk(self, items: np.ndarray, lengths: np.ndarray) -> Generator[torch.Tensor, np.ndarray, None]:
    """Yield r_0, ..., r_K, each only for the histories that continue. A method of TorchEngine: see ``Engine.walk``."""
    model, weights = self.config.model, self._read()[0]
    history, ends = (torch.from_numpy(one).long().to(self.device) for one in (items, lengths))
    state, cache, mask = first_states(weights, history, ends, model.heads, None, model.backbone)
    grown: list = []
    for k in range(model.steps + 1):
        on = torch.from_numpy((yield self._compared(state[:, 0]))).to(self.device)
        state, mask = state[on], mask[on]
        cache, grown = ([(key[on], value[on]) for key, value in one] for one in (cache, grown))
        if k < model.steps:
            x = state + weights["reasoning_embedding"][k] if "reasoning_embedding" in weights else state
            state, grown = reasoning_step(weights, x, cache, grown, mask, model.heads)
