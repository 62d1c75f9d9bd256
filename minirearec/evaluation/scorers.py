"""Scorers, which evaluation ranks with: they turn histories into states, and states into scores of the catalogue."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from minirearec.backends import Engine
from minirearec.config import Config
from minirearec.methods import METHODS


@dataclass(frozen=True)
class Row:
    """One way to score: with the state of a reasoning step, or (``step`` is None) with a combination of the states."""

    name: str  # in tables and results.json
    step: int | None


class Scorer(Protocol):
    """Anything that scores the catalogue for histories, in one or more ways."""

    max_length: int  # it reads this many items of a history, the newest ones
    rows: tuple[Row, ...]
    answer: Row  # the row that is the model's answer

    def states(self, items: np.ndarray, lengths: np.ndarray) -> Any:
        """Return the states of B histories, in the scorer's own form: items [B, T] right-padded, lengths [B]."""
        ...

    def states_of_one(self, history: np.ndarray) -> Any:
        """Return the states of one history [T], as ``states`` does with B = 1, in the fastest way."""
        ...

    def scores(self, states: Any, row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return a row's scores [B, V] of these states; they may use the memory of ``out`` [B, V]."""
        ...


class StateScorer:
    """Scores from an engine's reasoning states: one row for each step and, if the method has one, a combined row.

    The answer is r_K, or for ERL the mean of r_0..r_K (paper, Eq. 6). Scores are dot products, unless the method has
    others; dividing by a temperature would not change a rank.
    """

    def __init__(self, engine: Engine, config: Config):
        self.engine, self.config, self.max_length = engine, config, config.model.max_length
        steps, combined = config.model.steps, METHODS[config.objective.method].combined
        self.rows = tuple(Row(f"step {k}", k) for k in range(steps + 1))
        if combined and steps:
            self.rows += (Row(combined, None),)
        self.answer = self.rows[-1]

    def states(self, items: np.ndarray, lengths: np.ndarray) -> Any:
        """Return reasoning states [B, K+1, D] on the engine's device."""
        return self.engine.states(items, lengths)

    def states_of_one(self, history: np.ndarray) -> Any:
        """Return the reasoning states of one history, [1, K+1, D]."""
        return self.engine.states_of_one(history)

    def scores(self, states: Any, row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores [B, V] of a row: dot products of its states with all items, or a mixture's logarithms."""
        return self.engine.answer_scores(states, out) if row.step is None else \
            self.engine.scores(states[:, row.step], out)

    def temperature(self, row: Row) -> float:
        """Return what a row's scores are divided by before the softmax: 1 where they are a mixture's logarithms."""
        return 1.0 if row.step is None and self.engine.mixes else self.config.objective.temperature

    def copies(self) -> "Copies | None":
        """Return as many answers that did not think as there are steps; None without dropout to tell them apart."""
        model = self.config.model
        return Copies(self.engine, self.max_length, model.steps + 1) if model.dropout or model.input_dropout else None


class Copies:
    """A scorer of K + 1 copies of a model at K = 0, which differ only by the dropout of training.

    Its rows are answers like those of K + 1 steps, but none of them thought. So the best of them per user, the *null
    oracle*, says how much of an oracle's gain any K + 1 slightly different answers would have. The copies share the
    vectors of the items.
    """

    def __init__(self, engine: Engine, max_length: int, copies: int):
        self.engine, self.max_length, self.batches = engine, max_length, 0
        self.rows = tuple(Row(f"copy {number}", number) for number in range(copies))
        self.answer = self.rows[0]

    def states(self, items: np.ndarray, lengths: np.ndarray) -> list[Any]:
        """Return r_0 of every copy, each [B, D]; each batch and copy draws a dropout of its own."""
        first = self.batches * len(self.rows)
        self.batches += 1
        return [self.engine.states(items, lengths, 0, self.engine.dropout(first + copy))[:, 0]
                for copy in range(len(self.rows))]

    def states_of_one(self, history: np.ndarray) -> list[Any]:
        """Return the states of one history."""
        return self.states(history[None], np.array([len(history)]))

    def scores(self, states: list[Any], row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores of a copy, [B, V]."""
        assert row.step is not None
        return self.engine.scores(states[row.step], out)
