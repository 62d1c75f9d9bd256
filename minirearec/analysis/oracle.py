"""The null oracle: what choosing the best of several answers gains even if nobody thinks."""

from typing import Any

import numpy as np

from minirearec.backends import Engine
from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.scorers import Row, Scorer, StateScorer


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


def null_evaluation(scorer: Scorer, split: Split, part: str) -> Evaluation | None:
    """Evaluate as many copies as the model has states.

    None for a model without steps, and for one without dropout to draw copies with.
    """
    if not isinstance(scorer, StateScorer):
        return None
    model = scorer.config.model
    if not model.steps or not (model.dropout or model.input_dropout):
        return None
    return evaluate(Copies(scorer.engine, scorer.max_length, model.steps + 1), split, part)
