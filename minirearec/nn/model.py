"""The parameters of ReaRec as a torch module; the computation is in the functions beside it."""

import torch
from torch import Tensor, nn

from minirearec.config import ModelConfig
from minirearec.nn.ops import Dropout
from minirearec.nn.reasoning import all_prefix_states, last_states
from minirearec.weights import initial_weights, nest


class ReaRec(nn.Module):
    """Item table, SASRec-style encoder and reasoning position embeddings (paper, section 3).

    ``reasoning_positions=False`` leaves the reasoning position embeddings out (the naive variant). A seed
    gives the same weights every time; see ``weights.initial_weights``. ``generator`` is the source of
    dropout's draws, torch's global one when it is None.
    """

    def __init__(self, config: ModelConfig, n_items: int, reasoning_positions: bool = True, seed: int = 0):
        super().__init__()
        self.config, self.n_items = config, n_items
        self.generator: torch.Generator | None = None
        for name, value in nest(initial_weights(config, n_items, reasoning_positions, seed)).items():
            setattr(self, name, _as_module(value))

    def weights(self) -> dict:
        """The parameters as the nested dict that the functions of ``nn`` read (see ``nn.encoder``)."""
        return nest(dict(self.named_parameters()))

    def _drop(self) -> Dropout | None:
        config = self.config
        active = self.training and (config.dropout or config.input_dropout)
        return Dropout(config.dropout, config.input_dropout, self.generator) if active else None

    def forward(self, items: Tensor, noise: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """States of every prefix: items [B, T] -> [B, T, K+1, D]. See ``all_prefix_states``."""
        return all_prefix_states(self.weights(), items, self.config.steps, self.config.heads, noise, self._drop())

    def last(self, items: Tensor, lengths: Tensor) -> Tensor:
        """States of whole histories: items [B, T], lengths [B] -> [B, K+1, D]. See ``last_states``."""
        states, _ = last_states(self.weights(), items, lengths, self.config.steps, self.config.heads)
        return states[:, 0]


def _as_module(value):
    """The torch form of a tree of arrays: parameters, dicts of them, and lists of those."""
    if isinstance(value, list):
        return nn.ModuleList(map(_as_module, value))
    if isinstance(value, dict):
        parts = {name: _as_module(part) for name, part in value.items()}
        leaves = all(isinstance(part, nn.Parameter) for part in parts.values())
        return nn.ParameterDict(parts) if leaves else nn.ModuleDict(parts)
    return nn.Parameter(torch.from_numpy(value))
