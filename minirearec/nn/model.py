"""The parameters of ReaRec as a torch module; the computation is in the functions beside it."""

import numpy as np
import torch
from torch import Tensor, nn

from minirearec import parts
from minirearec.config import ModelConfig
from minirearec.errors import ConfigError
from minirearec.nn.ops import Dropout
from minirearec.nn.pieces import piecewise_states
from minirearec.nn.reasoning import all_prefix_states, last_states
from minirearec.nn.registries import ITEM_ENCODERS
from minirearec.weights import initial_weights, nest


class ReaRec(nn.Module):
    """Item encoder, backbone and reasoning position embeddings (paper, section 3).

    ``weights`` are flat arrays under dotted names; the model uses them as they are and shares their memory. Without
    them it starts from a seed (see ``weights.initial_weights``). ``reasoning_positions=False`` leaves the reasoning
    position embeddings out (the naive variant). Dropout draws from ``generator``, or from torch's global one if it is
    None. ``features`` [V, F] are those of the items, for an item encoder that needs them; they do not train.

    Raises ConfigError for features that do not fit, and for weights with a name that the module itself uses.
    """

    item_features: Tensor | None

    def __init__(self, config: ModelConfig, n_items: int, reasoning_positions: bool = True, seed: int = 0,
                 weights: dict[str, np.ndarray] | None = None, features: np.ndarray | None = None):
        super().__init__()
        self.config, self.n_items = config, n_items
        self.generator: torch.Generator | None = None
        if weights is None:
            weights = initial_weights(config, n_items, reasoning_positions, seed)
        shape = n_items, config.feature_width
        if parts.ITEM_ENCODERS[config.items].needs_features and (features is None or features.shape != shape):
            raise ConfigError(f"the item encoder {config.items} needs features of {n_items} items, each as wide as "
                              f"feature_width, {config.feature_width}", "ReaRec", "Give features=, [V, F].")
        for name, value in nest(weights).items():
            if hasattr(self, name):
                raise ConfigError(f"weights cannot be named {name!r}", "ReaRec", "Choose another name.")
            setattr(self, name, _as_module(value))
        self.register_buffer("item_features", None if features is None else torch.tensor(features), persistent=False)

    def weights(self, named: dict[str, Tensor] | None = None) -> dict:
        """Return the parameters as a nested dict (see ``minirearec.weights``), and the features of the items.

        ``named``: other tensors in place of the parameters.
        """
        frozen = {} if self.item_features is None else {"item_features": self.item_features}
        return {**nest(named or dict(self.named_parameters())), **frozen}

    def read(self, weights: dict | None = None) -> dict:
        """Return the weights with the item encoder's vectors of all items [V, D] as "item_embedding"."""
        weights = weights or self.weights()
        return {**weights, "item_embedding": ITEM_ENCODERS[self.config.items](weights, self._drop())}

    def _drop(self) -> Dropout | None:
        config = self.config
        if not (self.training and config.drops):
            return None
        return Dropout(config.dropout, config.input_dropout, self.generator, config.adaptor_dropout)

    def forward(self, items: Tensor, noise: Tensor | None = None, read: dict | None = None,
                lengths: Tensor | None = None, steps: int | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the states of every prefix: items [B, T] -> [B, T, K+1, D]. See ``all_prefix_states``.

        With lengths [B], each row is one prefix: -> [B, 1, K+1, D]. See ``piecewise_states``. ``read`` is the result of
        ``read()``, for a caller who needs the same item vectors again; ``steps``: take this many in place of K.
        Raises ConfigError for histories longer than ``max_length``, unless positions are relative.
        """
        config, read = self.config, read or self.read()
        if items.shape[1] > config.max_length and config.positions != "relative":
            raise ConfigError(f"{items.shape[1]} items, where the model reads {config.max_length}", "ReaRec",
                              "Give the newest ones, or choose a larger max_length.")
        K = config.steps if steps is None else steps
        shared = K, config.heads, noise, self._drop(), config.backbone, config.reasoning
        if lengths is None:
            return all_prefix_states(read, items, *shared)
        return piecewise_states(read, items, lengths, *shared)

    def last(self, items: Tensor, lengths: Tensor) -> Tensor:
        """Return the states of whole histories: items [B, T], lengths [B] -> [B, K+1, D]. See ``last_states``."""
        states, _ = last_states(self.read(), items, lengths, self.config.steps, self.config.heads,
                                backbone=self.config.backbone, reasoning=self.config.reasoning)
        return states[:, 0]


def _as_module(value):
    """Turn a tree of arrays into its torch form: parameters, and modules that hold them under the same names."""
    if not isinstance(value, dict | list):
        return nn.Parameter(torch.from_numpy(value))
    module = nn.Module()
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        setattr(module, str(name), _as_module(part))
    return module
