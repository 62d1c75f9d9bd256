"""What the training loop needs of NumPy: one batch, the states of histories, weights in and out.

Twin: ``minirearec.nn.engine``. The loop itself is in ``minirearec.training``; torch is not needed.
"""

from dataclasses import replace

import numpy as np
from numpy import ndarray

from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.reference.learning import loss_and_gradients
from minirearec.reference.ops import Dropout
from minirearec.reference.optim import adam, start_moments
from minirearec.reference.reasoning import last_states
from minirearec.weights import flatten, initial_weights, nest


class NumpyEngine:
    """Weights, objective and Adam's moments. Every random draw follows from (seed, epoch, batch)."""

    device = "cpu"

    def __init__(self, config: Config, n_items: int, device: str = "auto"):
        if device not in ("auto", "cpu"):
            raise ConfigError(f"NumPy cannot use the device {device!r}", "--device",
                              "Leave it out, or choose --backend torch.")
        self.config = config
        self.tree = nest(initial_weights(config.model, n_items, config.objective.method != "naive",
                                         config.training.seed))
        self._moments, self.steps = start_moments(self.tree), 0

    def start_epoch(self, epoch: int) -> None:
        """Seed dropout and noise for this epoch (counted from 1)."""
        self.rng = np.random.default_rng([self.config.training.seed, epoch])
        self.warm = epoch > self.config.objective.warmup_epochs

    def train_batch(self, batch) -> float:
        """One optimizer step on a ``data.batching.Batch``; returns the loss."""
        objective, model, training = self.config.objective, self.config.model, self.config.training
        drop, noise = None, None
        if model.dropout or model.input_dropout:
            drop = Dropout(model.dropout, model.input_dropout, int(self.rng.integers(2**63)))
        if objective.method == "prl" and self.warm and model.steps and objective.contrastive_weight:
            shape = (*batch.items.shape, model.steps, model.width)
            noise = np.float32(objective.noise) * self.rng.standard_normal(shape, dtype=np.float32)
        if not self.warm:
            objective = replace(objective, kl_weight=0.0)
        loss, gradients = loss_and_gradients(self.tree, batch.items, batch.targets, batch.counted, model.steps,
                                             model.heads, objective, noise, drop)
        self.steps += 1
        self.tree, self._moments = adam(self.tree, gradients, self._moments, self.steps, training.learning_rate,
                                        training.weight_decay)
        return float(loss)

    def states(self, items: ndarray, lengths: ndarray) -> ndarray:
        """Reasoning states of whole histories, without dropout: items [B, T], lengths [B] -> [B, K+1, D]."""
        return last_states(self.tree, items, lengths, self.config.model.steps, self.config.model.heads)[0][:, 0]

    def item_table(self) -> ndarray:
        """The item embeddings [V, D]."""
        return self.tree["item_embedding"]

    def scores(self, state: ndarray) -> ndarray:
        """Dot products with all items: state [B, D] -> [B, V]."""
        return state @ self.item_table().T

    def weights(self) -> dict[str, ndarray]:
        """All weights under dotted names. Steps make new arrays, so that these stay as they are."""
        return flatten(self.tree)

    def load_weights(self, weights: dict[str, ndarray]) -> None:
        """The inverse of weights. Raises ValueError for other names or shapes."""
        shapes, own = ({name: value.shape for name, value in flat.items()} for flat in (weights, self.weights()))
        if shapes != own:
            raise ValueError("the weights have other names or shapes than the model")
        self.tree = nest(weights)

    def moments(self) -> dict[str, ndarray]:
        """Adam's running means as ``first.NAME`` and ``second.NAME``, and the number of steps taken."""
        first, second = (flatten(tree, name) for tree, name in zip(self._moments, ("first", "second")))
        return {**first, **second, "steps": np.array([float(self.steps)])}

    def load_moments(self, moments: dict[str, ndarray]) -> None:
        """The inverse of moments."""
        tree = nest({name: value for name, value in moments.items() if name != "steps"})
        if tree:
            self._moments = tree["first"], tree["second"]
        self.steps = int(moments["steps"][0])
