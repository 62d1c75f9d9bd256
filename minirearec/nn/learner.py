"""The PyTorch learner: an engine that takes optimizer steps, one batch at a time.

Twin: ``minirearec.reference.engine``. The loop itself is in ``minirearec.training``.
"""

import numpy as np
import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from minirearec.config import Config
from minirearec.data.batching import Batch
from minirearec.errors import RunError
from minirearec.nn.chunked import round_factors
from minirearec.nn.devices import find_device, find_precision
from minirearec.nn.engine import TorchEngine
from minirearec.nn.objectives.common import with_first_items
from minirearec.nn.positions import placed
from minirearec.nn.rows import TableRows, only_read
from minirearec.objective import Positions
from minirearec.sampling import Negatives, draw_reasoning_steps, find_seen, make_sampler
from minirearec.schedule import decay, learning_rate
from minirearec.targets import Followers, soften
from minirearec.weights import check_moments, starts_of


class TorchLearner(TorchEngine):
    """A model, its objective and its optimizer; see ``backends.Learner``."""

    def __init__(self, config: Config, n_items: int, weights: dict[str, np.ndarray], device: str = "auto",
                 popularity: np.ndarray | None = None, features: np.ndarray | None = None,
                 followers: Followers | None = None):
        precision = find_precision(config.training.precision, find_device(device))
        super().__init__(config.replaced(precision=precision), n_items, weights, device, features)
        self.generator = self.model.generator = torch.Generator(self.device)
        fused = self.device.type in ("cpu", "cuda")  # one pass over a table instead of about ten
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.training.learning_rate,
                                           weight_decay=config.training.weight_decay, fused=fused, foreach=not fused)
        self.steps, self.sampler, self.rows = 0, make_sampler(config, n_items, popularity), None
        seen = find_seen(config, popularity)
        self.followers = followers and followers.placed(seen)
        self.seen = None if seen is None else [torch.from_numpy(part).to(self.device) for part in seen]
        if self.sampler is not None and self._read()[0]["item_embedding"] is self.tree.get("item_embedding"):
            self.rows = TableRows(self.tree["item_embedding"])
        self.trained, self.averages = self.tree, config.training.average > 0  # what training reads
        if self.averages:  # what inference reads
            self.named = {name: value.detach().clone() for name, value in self.named.items()}
            self.tree, self._encoded = self.model.weights(self.named), None

    def start_epoch(self, epoch: int) -> None:
        """Seed this epoch and choose its settings; see ``backends.Learner``."""
        seeds = np.random.SeedSequence([self.config.training.seed, epoch]).generate_state(1, np.uint64)
        self.generator.manual_seed(int(seeds[0]) >> 1)
        self.settings = self.method.settings(self.config.objective, epoch)

    def load_weights(self, weights: dict[str, np.ndarray]) -> None:
        """Replace the weights, also the averages; see ``backends.Engine``."""
        super().load_weights(weights)
        self._move_averages(0.0)

    def _move_averages(self, decay: float) -> None:
        """Move the averages, if there are any, towards the weights in training: ``a = d a + (1 - d) w``."""
        if self.averages:
            get_ema_multi_avg_fn(decay)(list(self.named.values()), list(self.model.parameters()), 0)

    def train_batch(self, batch: Batch, done: float = 0.0) -> float:
        """Take one optimizer step; see ``backends.Learner``."""
        self.model.train()
        self._encoded = None
        with self._rounding():
            read, negatives = self.model.read(self.trained), None
        if self.sampler is not None:
            taken, batch, negatives = only_read(batch, self.sampler.draw(self.steps))
            read["item_embedding"] = read["item_embedding"][taken] if self.rows is None else self.rows.take(taken)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.backward(batch, read, negatives)
        self.steps += 1
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config.training, self.steps, done)
        if self.rows is None:
            self.optimizer.step()
        else:
            self.rows.step(self.optimizer)
        self._move_averages(decay(self.config.training, self.steps))
        return loss

    def backward(self, batch: Batch, read: dict, negatives: Negatives | None = None) -> float:
        """Compute the loss of a batch and the gradients of everything that it read; see ``loss``."""
        loss = self.loss(batch, read, negatives)
        loss.backward()
        return loss.item()

    def loss(self, batch: Batch, read: dict, negatives: Negatives | None = None) -> torch.Tensor:
        """Compute the method's loss over the counted positions of a batch; ``read``: weights with the item vectors."""
        items, counted, targets = (torch.from_numpy(one).to(self.device)
                                   for one in (batch.items, batch.counted, batch.targets))
        targets = targets[counted]
        lengths = None if batch.lengths is None else torch.from_numpy(batch.lengths).to(self.device)
        if lengths is None:
            read = placed(read, torch.from_numpy(batch.ends).to(self.device), items.shape[1])
        groups = torch.from_numpy(batch.groups).to(self.device)[counted.nonzero()[:, 0]]
        steps = draw_reasoning_steps(self.config, self.steps)
        with self._rounding(lengths is None):  # single prefixes may be computed again, outside of this block
            states, noised = self.model(items, self._noise(counted, steps), read, lengths, steps)
        table = read["item_embedding"] if self.seen is None else read["item_embedding"][self.seen[0]]
        targets = targets if self.seen is None else self.seen[1][targets]
        positions = Positions(self._compared(states[counted]), self._compared(table), targets,
                              None if noised is None else self._compared(noised[counted]), groups, self.trained,
                              negatives, soften(batch, self.settings, self.followers))
        with self._rounding():
            loss = self.objective.loss(positions, self.settings)
            if "empty_state" not in self.trained:
                return loss
            firsts = torch.from_numpy(batch.firsts).to(self.device)
            return with_first_items(loss, len(targets), self._compared(self.trained["empty_state"]), positions.table,
                                    firsts if self.seen is None else self.seen[1][firsts], self.settings.temperature,
                                    negatives)

    def _rounding(self, able: bool = True):
        """Return the block in which products with all items are computed in the precision of the run."""
        return round_factors(torch.bfloat16 if able and self.config.training.precision == "bf16" else None)

    def _noise(self, counted: torch.Tensor, K: int) -> torch.Tensor | None:
        """Draw the noise [B, Q, K, D] on reasoning inputs, for methods whose loss contrasts noised states."""
        if not self.method.draws_noise(self.settings, K):
            return None
        noise, gamma = torch.empty(*counted.shape, K, self.config.model.width, device=self.device), self.settings.noise
        return noise.normal_(0.0, gamma, generator=self.generator) if gamma else noise.zero_()

    def random_state(self) -> np.ndarray:
        """Return the state of the generator of dropout and noise; see ``backends.Learner``."""
        return self.generator.get_state().numpy()

    def load_random_state(self, state: np.ndarray) -> None:
        """Restore the state of the generator; see ``backends.Learner``."""
        try:
            self.generator.set_state(torch.from_numpy(state.copy()))
        except (RuntimeError, TypeError) as error:
            raise RunError(f"the state of the random numbers does not fit the device {self.device}", "checkpoint",
                           "Resume on the kind of device the run was started on.") from error

    def moments(self) -> dict[str, np.ndarray]:
        """Return Adam's running means; see ``backends.Learner``."""
        flat = {}
        for name, parameter in self.model.named_parameters():
            state = self.optimizer.state.get(parameter)
            if self.averages:
                flat["trained." + name] = parameter.detach().cpu().numpy()
            if state:
                flat["first." + name] = state["exp_avg"].cpu().numpy()
                flat["second." + name] = state["exp_avg_sq"].cpu().numpy()
        return {**flat, "steps": np.array([float(self.steps)])}

    def load_moments(self, moments: dict[str, np.ndarray]) -> None:
        """Restore Adam's running means; see ``backends.Learner``."""
        check_moments(moments, starts_of(self.config, self.model.n_items), self.averages)
        self.steps = int(moments["steps"][0])
        place = self.device if self.device.type == "cuda" else "cpu"  # where the fused optimizer counts its steps
        for name, parameter in self.model.named_parameters():
            if self.averages:
                parameter.data.copy_(torch.from_numpy(moments["trained." + name]))
            if "first." + name in moments:
                self.optimizer.state[parameter] = {
                    "step": torch.tensor(float(self.steps), device=place),
                    "exp_avg": torch.from_numpy(moments["first." + name].copy()).to(self.device),
                    "exp_avg_sq": torch.from_numpy(moments["second." + name].copy()).to(self.device)}
