"""A state scorer has one row for each step, and one that combines them if the method has such an answer."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.engine import make_learner
from minirearec.evaluation.scorers import Row, StateScorer


@pytest.mark.parametrize("method, steps, rows", [
    ("base", 0, [Row("step 0", 0)]),
    ("prl", 2, [Row("step 0", 0), Row("step 1", 1), Row("step 2", 2)]),
    ("erl", 1, [Row("step 0", 0), Row("step 1", 1), Row("mean of steps", None)]),
    ("erl", 0, [Row("step 0", 0)])])
def test_rows_and_the_answer(method, steps, rows):
    scorer = StateScorer(None, Config.make(method=method, steps=steps))
    assert list(scorer.rows) == rows and scorer.answer == rows[-1]


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_scores_are_those_of_the_row(backend):
    config = Config.make(method="erl", steps=2, width=8, inner_width=8, layers=1, initial_std=0.3)
    scorer = StateScorer(make_learner(config, 20, backend), config)
    items, lengths = np.array([[1, 2, 3], [4, 5, 0]]), np.array([3, 2])
    states = scorer.states(items, lengths)
    *steps, mean = (scorer.scores(states, row) for row in scorer.rows)
    assert mean == pytest.approx(np.mean(steps, 0), abs=1e-5) and not np.allclose(steps[0], steps[1], atol=1e-4)
    alone = scorer.states_of_one(items[1, :2])
    assert scorer.scores(alone, scorer.answer)[0] == pytest.approx(mean[1], abs=1e-5)
