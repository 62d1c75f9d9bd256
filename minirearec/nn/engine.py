"""The PyTorch engine for inference: states of histories, scores, weights in and out. ``learner`` trains.

Twin: ``minirearec.reference.engine``.
"""

import numpy as np
import torch

from minirearec.config import Config
from minirearec.methods import METHODS
from minirearec.nn.devices import find_device
from minirearec.nn.model import ReaRec
from minirearec.nn.ops import Dropout, unit
from minirearec.nn.reasoning import last_states
from minirearec.nn.registries import OBJECTIVES, parts_of
from minirearec.nn.walking import walk
from minirearec.weights import check_fit, starts_of


class TorchEngine:
    """A model for inference; see ``backends.Engine``. It shares the memory of the weights it gets."""

    def __init__(self, config: Config, n_items: int, weights: dict[str, np.ndarray], device: str = "auto",
                 features: np.ndarray | None = None):
        self.config, self.device = config, find_device(device)
        self.method = METHODS[config.objective.method]
        self.objective = OBJECTIVES[self.method.loss]
        parts_of(config.model)  # raises now what a batch would later
        self.mixes = self.objective.scores is not None
        self.model = ReaRec(config.model, n_items, weights=weights, features=features).to(self.device)
        self.named = dict(self.model.named_parameters())
        self.tree = self.model.weights()  # once: collecting them takes longer than a step of one history
        self._encoded: tuple[dict, torch.Tensor] | None = None  # what inference reads, until the weights change

    walk = walk

    @torch.inference_mode()
    def states(self, items: np.ndarray, lengths: np.ndarray, steps: int | None = None, drop=None) -> torch.Tensor:
        """Return the states of histories; see ``backends.Engine``."""
        model = self.config.model
        history, ends = (torch.from_numpy(one).long().to(self.device) for one in (items, lengths))
        states, _ = last_states(self._read()[0], history, ends, model.steps if steps is None else steps, model.heads,
                                drop=drop, backbone=model.backbone, reasoning=model.reasoning)
        return self._compared(states[:, 0])

    def dropout(self, seed: int) -> Dropout:
        """Return the dropout of training, drawn from a seed; see ``backends.Engine``."""
        model = self.config.model
        return Dropout(model.dropout, model.input_dropout, torch.Generator(self.device).manual_seed(seed))

    def array(self, values: torch.Tensor) -> np.ndarray:
        """Return a tensor as an array; see ``backends.Engine``."""
        return values.cpu().numpy()

    def _read(self) -> tuple[dict, torch.Tensor]:
        """Return the weights with the vectors of all items as "item_embedding", and the vectors that scores compare."""
        if self._encoded is None:
            self.model.eval()
            read = self.model.read(self.tree)
            self._encoded = read, self._compared(read["item_embedding"])
        return self._encoded

    def _compared(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return states or item vectors as scores compare them: as they are, or of length 1 for the cosine."""
        return unit(vectors) if self.config.model.scores == "cosine" else vectors

    def states_of_one(self, history: np.ndarray) -> torch.Tensor:
        """Return the states of one history; see ``backends.Engine``."""
        return self.states(history[None], np.array([len(history)]))

    @torch.inference_mode()
    def answer(self, states: torch.Tensor) -> torch.Tensor:
        """Return the state that the method recommends with; see ``backends.Engine``."""
        return self.objective.answer(states, self.tree)

    @torch.inference_mode()
    def answer_scores(self, states: torch.Tensor, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores of the method's answer; see ``backends.Engine``."""
        return self.scores(self.answer(states), out) if self.objective.scores is None else self.array(
            self.objective.scores(states, self._read()[1], self.tree, self.config.objective))

    @torch.inference_mode()
    def scores(self, state: torch.Tensor, out: np.ndarray | None = None) -> np.ndarray:
        """Return dot products with all items; see ``backends.Engine``. NumPy's threads and PyTorch's would clash."""
        _, table = self._read()
        if out is None or self.device.type != "cpu":
            return torch.mm(state, table.T).cpu().numpy()
        torch.mm(state, table.T, out=torch.from_numpy(out))
        return out

    def weights(self) -> dict[str, np.ndarray]:
        """Return copies of all weights; see ``backends.Engine``."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.named.items()}

    def load_weights(self, weights: dict[str, np.ndarray]) -> None:
        """Replace the weights; see ``backends.Engine``."""
        check_fit(weights, starts_of(self.config, self.model.n_items), "weights", "")
        self.model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        self._encoded = None
