"""What is evaluated: states times item table, row by row."""

from collections.abc import Iterator, Sequence

import numpy as np

from minirearec.config import Config

MEAN = "mean of steps"


class StateScorer:
    """Scores of an engine's reasoning states: one row for each step, and for ERL the mean of the steps.

    The model's answer is r_K, for ERL the mean of r_0..r_K (paper, Eq. 6). Scores are dot products; dividing
    by a temperature would not change a rank.
    """

    def __init__(self, engine, config: Config):
        self.engine, self.max_length = engine, config.model.max_length
        self.steps = tuple(f"step {k}" for k in range(config.model.steps + 1))
        ensemble = config.objective.method == "erl" and config.model.steps > 0
        self.rows = self.steps + ((MEAN,) if ensemble else ())
        self.answer = self.rows[-1]

    def score(self, items: np.ndarray, lengths: np.ndarray, rows: Sequence[str]) -> Iterator:
        """Yield (row, scores [B, V]); see ``evaluation.Scorer``."""
        states = self.engine.states(items, lengths)
        for row in rows:
            state = states.mean(1) if row == MEAN else states[:, self.steps.index(row)]
            yield row, self.engine.scores(state)
