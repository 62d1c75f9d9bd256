"""What the training loop needs of PyTorch: one batch, the states of histories, weights in and out.

Twin: ``minirearec.reference.engine``. The loop itself is in ``minirearec.training``.
"""

import numpy as np
import torch

from minirearec.config import Config
from minirearec.data.batching import Batch
from minirearec.engines import DEVICES
from minirearec.errors import ConfigError
from minirearec.nn.model import ReaRec
from minirearec.nn.objectives import erl_loss, last_step_loss, prl_loss


def find_device(name: str) -> torch.device:
    """``auto`` is CUDA where there is one, else the CPU. Raises ConfigError for a device that is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device("cuda" if there["cuda"] else "cpu")
    if name not in there:
        raise ConfigError(f"unknown device {name!r}", "--device", f"Choose one of: {', '.join(DEVICES)}.")
    if not there[name]:
        raise ConfigError(f"this machine has no {name} device that PyTorch can use", "--device", "Use --device cpu.")
    return torch.device(name)


class TorchEngine:
    """A model, its objective and its optimizer. Every random draw follows from (seed, epoch)."""

    def __init__(self, config: Config, n_items: int, device: str = "auto"):
        self.config, self.device = config, find_device(device)
        self.model = ReaRec(config.model, n_items, config.objective.method != "naive",
                            config.training.seed).to(self.device)
        self.generator = torch.Generator(self.device)
        self.model.generator = self.generator
        self.score_rows: torch.Tensor | None = None
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.training.learning_rate,
                                           weight_decay=config.training.weight_decay, foreach=True)

    def start_epoch(self, epoch: int) -> None:
        """Seed dropout and noise for this epoch (counted from 1)."""
        seeds = np.random.SeedSequence([self.config.training.seed, epoch]).generate_state(1, np.uint64)
        self.generator.manual_seed(int(seeds[0]) >> 1)
        self.warm = epoch > self.config.objective.warmup_epochs

    def train_batch(self, batch: Batch) -> float:
        """One optimizer step; returns the loss."""
        self.model.train()
        loss = self.loss(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def loss(self, batch: Batch) -> torch.Tensor:
        """The configured objective over the counted positions of a batch."""
        objective, K = self.config.objective, self.config.model.steps
        items = torch.from_numpy(batch.items).to(self.device)
        counted = torch.from_numpy(batch.counted).to(self.device)
        targets = torch.from_numpy(batch.targets).to(self.device)[counted]
        table, tau, noise = self.model.item_embedding, objective.temperature, None
        if objective.method == "prl" and self.warm and K and objective.contrastive_weight:
            noise = torch.empty(*items.shape, K, self.config.model.width, device=self.device)
            noise.normal_(0.0, objective.noise, generator=self.generator) if objective.noise else noise.zero_()
        states, noised = self.model(items, noise)
        states, noised = states[counted], None if noised is None else noised[counted]
        if objective.method == "erl":
            return erl_loss(states, table, targets, tau, objective.kl_weight if self.warm else 0.0)
        if objective.method == "prl":
            groups = counted.nonzero()[:, 0]
            return prl_loss(states, table, targets, tau, objective.alpha, objective.progressive_weight, noised,
                            objective.contrastive_weight, groups)
        return last_step_loss(states, table, targets, tau)

    def states(self, items: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Reasoning states of whole histories, without dropout: items [B, T], lengths [B] -> [B, K+1, D]."""
        self.model.eval()
        with torch.no_grad():
            states = self.model.last(torch.from_numpy(items).long().to(self.device),
                                     torch.from_numpy(lengths).long().to(self.device))
        return states.cpu().numpy()

    def item_table(self) -> np.ndarray:
        """The item embeddings [V, D]."""
        return self.model.item_embedding.detach().cpu().numpy()

    def scores(self, state: np.ndarray) -> np.ndarray:
        """Dot products with all items: state [B, D] -> [B, V], good until the next call, which writes over them.

        By PyTorch, because its threads and NumPy's would get in each other's way, and always into the same memory,
        because asking for new takes longer than the products.
        """
        with torch.no_grad():
            state, table = torch.from_numpy(state).to(self.device), self.model.item_embedding
            if self.score_rows is None or len(self.score_rows) < len(state):
                self.score_rows = torch.empty(len(state), len(table), device=self.device)
            return torch.mm(state, table.T, out=self.score_rows[:len(state)]).cpu().numpy()

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of all weights under dotted names."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.model.named_parameters()}

    def load_weights(self, weights: dict[str, np.ndarray]) -> None:
        """The inverse of weights."""
        self.model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})

    def moments(self) -> dict[str, np.ndarray]:
        """Adam's running means as ``first.NAME`` and ``second.NAME``, and the number of steps taken."""
        flat, steps = {}, 0.0
        for name, parameter in self.model.named_parameters():
            state = self.optimizer.state.get(parameter)
            if state:
                flat["first." + name] = state["exp_avg"].cpu().numpy().copy()
                flat["second." + name] = state["exp_avg_sq"].cpu().numpy().copy()
                steps = float(state["step"])
        return {**flat, "steps": np.array([steps])}

    def load_moments(self, moments: dict[str, np.ndarray]) -> None:
        """The inverse of moments."""
        for name, parameter in self.model.named_parameters():
            if "first." + name in moments:
                self.optimizer.state[parameter] = {
                    "step": torch.tensor(float(moments["steps"][0])),
                    "exp_avg": torch.from_numpy(moments["first." + name].copy()).to(self.device),
                    "exp_avg_sq": torch.from_numpy(moments["second." + name].copy()).to(self.device)}
