"""What a backend offers: names of backends, devices and precisions; the protocols that PyTorch and NumPy implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the command line's help reads the names below and should not wait for NumPy
    import numpy as np

BACKENDS = ("torch", "numpy")
DEVICES = ("auto", "cpu", "cuda", "mps")
MOST_THREADS = 1024  # PyTorch crashes when the system refuses it a thread
PRECISIONS = ("auto", "float32", "bf16")


class Engine(Protocol):
    """A model for inference: its weights are in place; it draws and trains nothing.

    States stay in the backend's own form, on its own device; only scores come back as NumPy arrays.
    """

    device: Any
    mixes: bool  # whether ``answer_scores`` are the logarithms of a mixture

    def states(self, items: np.ndarray, lengths: np.ndarray, steps: int | None = None, drop: Any = None) -> Any:
        """Return the reasoning states of histories, [B, K+1, D]: items [B, T] right-padded, lengths [B].

        ``steps``: take this many of the K steps. ``drop(x, site)`` is called with every array that dropout acts on, and
        its result takes the array's place; None: no dropout.
        """
        ...

    def walk(self, items: np.ndarray, lengths: np.ndarray) -> Any:
        """Yield r_0, r_1, ..., r_K [A, D], each only for the A histories that continue; arguments: see ``states``.

        Send, after each of them, which of its rows continue: booleans [A]. The others cost nothing from there on.
        """
        ...

    def dropout(self, seed: int) -> Any:
        """Return the dropout inside the encoder with the rates of training, as ``drop`` of ``states``."""
        ...

    def array(self, values: Any) -> np.ndarray:
        """Return states, or what ``drop`` gets, as an array."""
        ...

    def states_of_one(self, history: np.ndarray) -> Any:
        """Return the reasoning states of one history [T], as [1, K+1, D], in the fastest way the backend has."""
        ...

    def answer(self, states: Any) -> Any:
        """Return the state that the method recommends with: [B, K+1, D] -> [B, D]."""
        ...

    def answer_scores(self, states: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores of the method's answer: states [B, K+1, D] -> [B, V]. ``out``: see ``scores``.

        They are the dot products of ``answer``, or what the method computes in their place: ``Objective.scores``.
        """
        ...

    def scores(self, state: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Return dot products with all items: state [B, D] -> [B, V], in new memory or in ``out``."""
        ...

    def weights(self) -> dict[str, np.ndarray]:
        """Return all weights under dotted names. Further training does not change them."""
        ...

    def load_weights(self, weights: dict[str, np.ndarray]) -> None:
        """Replace the weights. Raises RunError, with names and shapes, when the new ones do not fit."""
        ...


class Learner(Engine, Protocol):
    """An engine that trains. Every random draw follows from the seed and the epoch.

    Its ``config`` names the precision that it trains in, instead of "auto". With averaged weights, everything that an
    engine does is about the averages; ``moments`` also keeps the weights in training.
    """

    config: Any

    def start_epoch(self, epoch: int) -> None:
        """Seed dropout and noise for this epoch, counted from 1."""
        ...

    def train_batch(self, batch: Any, done: float = 0.0) -> float:
        """Take one optimizer step on a ``data.batching.Batch`` and return the loss; ``done`` epochs are done."""
        ...

    def random_state(self) -> np.ndarray:
        """Return the state of the random numbers inside an epoch, uint8."""
        ...

    def load_random_state(self, state: np.ndarray) -> None:
        """Restore what ``random_state`` returned, after ``start_epoch``. Raises RunError when it does not fit."""
        ...

    def moments(self) -> dict[str, np.ndarray]:
        """Return Adam's running means as ``first.NAME`` and ``second.NAME``, and ``steps``, the number of steps.

        With averaged weights, also the weights in training as ``trained.NAME``. Read them before training continues, as
        they may not be copies.
        """
        ...

    def load_moments(self, moments: dict[str, np.ndarray]) -> None:
        """Restore what ``moments`` returned. Raises RunError, with names and shapes, when they do not fit."""
        ...
