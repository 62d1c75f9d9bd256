"""The NumPy engine for inference and training: states of histories, scores, one batch, weights in and out.

Twin: ``minirearec.nn.engine``. The loop itself is in ``minirearec.training``; torch is not needed.
"""

import json

import numpy as np
from numpy import ndarray

from minirearec.config import Config
from minirearec.errors import ConfigError, RunError
from minirearec.methods import METHODS
from minirearec.reference.learning import loss_and_gradients
from minirearec.reference.ops import Dropout, unit
from minirearec.reference.optim import adam, average, start_moments
from minirearec.reference.reasoning import last_states
from minirearec.reference.registries import ITEM_ENCODERS, OBJECTIVES, parts_of
from minirearec.reference.serving import SERVED_REASONERS, SERVES, serving_states
from minirearec.reference.walking import walk
from minirearec.sampling import draw_reasoning_steps, find_seen, make_sampler
from minirearec.schedule import decay, learning_rate
from minirearec.targets import Followers, soften
from minirearec.weights import check_fit, check_moments, flatten, nest, starts_of


class NumpyEngine:
    """A model for inference; see ``backends.Engine``. It shares the memory of the weights it gets."""

    device, walk = "cpu", walk

    def __init__(self, config: Config, n_items: int, weights: dict[str, ndarray], device: str = "auto",
                 features: ndarray | None = None):
        if device not in ("auto", "cpu"):
            raise ConfigError(f"NumPy cannot use the device {device!r}", "--device",
                              "Omit --device, or choose --backend torch.")
        self.config, self.n_items, self.tree = config, n_items, nest(weights)
        self.frozen = {} if features is None else {"item_features": features}
        self.method = METHODS[config.objective.method]
        self.objective = OBJECTIVES[self.method.loss]
        parts_of(config.model)  # raises now what a batch would later
        self.mixes = self.objective.scores is not None
        self._encoded: tuple[dict, ndarray] | None = None  # what inference reads, until the weights change

    def _read(self) -> tuple[dict, ndarray]:
        """Return the weights with the vectors of all items as "item_embedding", and the vectors that scores compare."""
        if self._encoded is None:
            table = ITEM_ENCODERS[self.config.model.items].item_table({**self.tree, **self.frozen})
            self._encoded = {**self.tree, "item_embedding": table}, self._compared(table)
        return self._encoded

    def _compared(self, vectors: ndarray) -> ndarray:
        """Return states or item vectors as scores compare them: as they are, or of length 1 for the cosine."""
        return unit(vectors) if self.config.model.scores == "cosine" else vectors

    def states(self, items: ndarray, lengths: ndarray, steps: int | None = None, drop=None) -> ndarray:
        """Return the states of histories; see ``backends.Engine``."""
        model = self.config.model
        states, _ = last_states(self._read()[0], items, lengths, model.steps if steps is None else steps, model.heads,
                                drop=drop, backbone=model.backbone, reasoning=model.reasoning)
        return self._compared(states[:, 0])

    def dropout(self, seed: int) -> Dropout:
        """Return the dropout of training, drawn from a seed; see ``backends.Engine``."""
        return Dropout(self.config.model.dropout, self.config.model.input_dropout, seed)

    def array(self, values: ndarray) -> ndarray:
        """Return the array itself; see ``backends.Engine``."""
        return values

    def states_of_one(self, history: ndarray) -> ndarray:
        """Return the states of one history; see ``backends.Engine``, and ``serving`` for how it saves work."""
        model = self.config.model
        if model.backbone in SERVES and model.reasoning.name in SERVED_REASONERS:
            return self._compared(serving_states(self._read()[0], history, model.steps, model.heads,
                                                 model.backbone)[None])
        return self.states(history[None], np.array([len(history)]))

    def answer(self, states: ndarray) -> ndarray:
        """Return the state that the method recommends with; see ``backends.Engine``."""
        return self.objective.answer(states, self.tree)

    def answer_scores(self, states: ndarray, out: ndarray | None = None) -> ndarray:
        """Return the scores of the method's answer; see ``backends.Engine``."""
        if self.objective.scores is None:
            return self.scores(self.answer(states), out)
        return self.objective.scores(states, self._read()[1], self.tree, self.config.objective)

    def scores(self, state: ndarray, out: ndarray | None = None) -> ndarray:
        """Return dot products with all items; see ``backends.Engine``."""
        return np.matmul(state, self._read()[1].T, out=out)

    def weights(self) -> dict[str, ndarray]:
        """Return all weights; see ``backends.Engine``. A training step makes new arrays, so we need no copy."""
        return flatten(self.tree)

    def load_weights(self, weights: dict[str, ndarray]) -> None:
        """Replace the weights; see ``backends.Engine``."""
        check_fit(weights, starts_of(self.config, self.n_items), "weights", "")
        self.tree, self._encoded = nest(weights), None


class NumpyLearner(NumpyEngine):
    """Weights, objective and Adam's moments; see ``backends.Learner``."""

    def __init__(self, config: Config, n_items: int, weights: dict[str, ndarray], device: str = "auto",
                 popularity: ndarray | None = None, features: ndarray | None = None,
                 followers: Followers | None = None):
        if config.training.precision == "bf16":
            raise ConfigError("NumPy has no bf16", "--precision", "Give --precision float32, or --backend torch.")
        super().__init__(config.replaced(precision="float32"), n_items, weights, device, features)
        self.trained = self.tree  # what training reads; with averaged weights, ``tree`` holds the averages
        self._moments, self.steps = start_moments(self.tree), 0
        self.sampler, self.seen = make_sampler(config, n_items, popularity), find_seen(config, popularity)
        self.followers = followers and followers.placed(self.seen)

    def start_epoch(self, epoch: int) -> None:
        """Seed this epoch and choose its settings; see ``backends.Learner``."""
        self.rng = np.random.default_rng([self.config.training.seed, epoch])
        self.settings = self.method.settings(self.config.objective, epoch)

    def load_weights(self, weights: dict[str, ndarray]) -> None:
        """Replace the weights, also those in training; see ``backends.Engine``."""
        super().load_weights(weights)
        self.trained = self.tree

    def train_batch(self, batch, done: float = 0.0) -> float:
        """Take one optimizer step; see ``backends.Learner``."""
        model, training = self.config.model, self.config.training
        drop, noise, steps = None, None, draw_reasoning_steps(self.config, self.steps)
        if model.drops:
            drop = Dropout(model.dropout, model.input_dropout, int(self.rng.integers(2**63)), model.adaptor_dropout)
        if self.method.draws_noise(self.settings, steps):
            shape = (*batch.counted.shape, steps, model.width)
            noise = np.float32(self.settings.noise) * self.rng.standard_normal(shape, dtype=np.float32)
        loss, gradients = loss_and_gradients({**self.trained, **self.frozen}, batch.items, batch.targets, batch.counted,
                                             steps, model.heads, self.settings, noise, drop, model.backbone,
                                             model.items, self.sampler and self.sampler.draw(self.steps),
                                             model.scores, self.seen, batch.lengths, batch.groups, batch.ends,
                                             batch.firsts, model.reasoning,
                                             soften(batch, self.settings, self.followers))
        self.steps, self._encoded = self.steps + 1, None
        self.trained, self._moments = adam(self.trained, gradients, self._moments, self.steps,
                                           learning_rate(training, self.steps, done), training.weight_decay)
        self.tree = average(self.tree, self.trained, decay(training, self.steps)) if training.average else self.trained
        return float(loss)

    def random_state(self) -> ndarray:
        """Return the state of the generator of dropout and noise, as the bytes of JSON; see ``backends.Learner``."""
        return np.frombuffer(json.dumps(self.rng.bit_generator.state).encode(), np.uint8)

    def load_random_state(self, state: ndarray) -> None:
        """Restore the state of the generator; see ``backends.Learner``."""
        try:
            self.rng.bit_generator.state = json.loads(state.tobytes())
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise RunError("the state of the random numbers does not fit NumPy's generator", "checkpoint",
                           "The file is damaged; train again.") from error

    def moments(self) -> dict[str, ndarray]:
        """Return Adam's running means; see ``backends.Learner``."""
        first, second = (flatten(tree, name) for tree, name in zip(self._moments, ("first", "second"), strict=True))
        trained = flatten(self.trained, "trained") if self.config.training.average else {}
        return {**first, **second, **trained, "steps": np.array([float(self.steps)])}

    def load_moments(self, moments: dict[str, ndarray]) -> None:
        """Restore Adam's running means; see ``backends.Learner``."""
        check_moments(moments, starts_of(self.config, self.n_items), bool(self.config.training.average))
        tree = nest({name: value for name, value in moments.items() if name != "steps"})
        if "first" in tree:
            self._moments = tree["first"], tree["second"]
        self.trained = tree.get("trained", self.trained)
        self.steps = int(moments["steps"][0])
