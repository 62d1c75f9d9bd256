"""The parameters of ReaRec as a torch module; the computation is in the functions beside it."""

import torch
from torch import Tensor, nn

from minirearec.config import ModelConfig
from minirearec.nn.ops import Dropout
from minirearec.nn.reasoning import all_prefix_states, last_states


def _linear(inputs: int, outputs: int) -> nn.ParameterDict:
    return nn.ParameterDict({"weight": torch.empty(outputs, inputs), "bias": torch.empty(outputs)})


def _norm(width: int) -> nn.ParameterDict:
    return nn.ParameterDict({"weight": torch.empty(width), "bias": torch.empty(width)})


class ReaRec(nn.Module):
    """Item table, SASRec-style encoder and reasoning position embeddings (paper, section 3).

    ``reasoning_positions=False`` leaves the reasoning position embeddings out (the naive variant).
    Weights are drawn from ``generator``: N(0, initial_std) for tables and matrices, LayerNorm at 1 and 0,
    biases 0, so that a seed gives the same model every time.
    """

    def __init__(self, config: ModelConfig, n_items: int, reasoning_positions: bool = True,
                 generator: torch.Generator | None = None):
        super().__init__()
        self.config, self.n_items = config, n_items
        self.generator: torch.Generator | None = None  # of dropout; None is torch's global one
        D = config.width
        self.item_embedding = nn.Parameter(torch.empty(n_items, D))
        self.position_embedding = nn.Parameter(torch.empty(config.max_length, D))
        if reasoning_positions and config.steps:
            self.reasoning_embedding = nn.Parameter(torch.empty(config.steps, D))
        self.input_norm = _norm(D)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"query": _linear(D, D), "key": _linear(D, D), "value": _linear(D, D),
                           "output": _linear(D, D), "attention_norm": _norm(D),
                           "inner": _linear(D, config.inner_width), "outer": _linear(config.inner_width, D),
                           "inner_norm": _norm(D)})
            for _ in range(config.layers))
        for name, parameter in self.named_parameters():
            if "norm." in name:
                nn.init.constant_(parameter, float(name.endswith("weight")))
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                nn.init.normal_(parameter, 0.0, config.initial_std, generator=generator)

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


def nest(flat: dict) -> dict:
    """Dotted names to nested dicts; a level whose names are all numbers becomes a list."""
    tree: dict = {}
    for name, value in flat.items():
        *path, leaf = name.split(".")
        level = tree
        for part in path:
            level = level.setdefault(part, {})
        level[leaf] = value

    def lists(level):
        if not isinstance(level, dict):
            return level
        level = {key: lists(value) for key, value in level.items()}
        if level and all(key.isdigit() for key in level):
            return [level[str(index)] for index in range(len(level))]
        return level

    return lists(tree)
