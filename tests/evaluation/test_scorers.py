"""A state scorer has one row for each step, and one that combines them if the method has such an answer."""

from itertools import pairwise

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
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


def thinker(backend, n_items=20, **settings):
    config = Config.make(**{"method": "rpe", "steps": 2, "width": 8, "inner_width": 8, "layers": 1, "initial_std": 0.3,
                            **settings})
    return StateScorer(make_learner(config, n_items, backend), config)


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_the_null_oracle_is_the_best_of_copies_at_k_0(backend, data):
    scorer, split = thinker(backend, data.n_items), make_split(data)
    found, alone = evaluate(scorer, split), evaluate(scorer.copies(), split)
    ranks = [alone.excluded[f"copy {number}"].expected for number in range(3)]
    assert all((one != other).any() for one, other in pairwise(ranks))
    assert (found.excluded[NULL_ORACLE].expected == np.min(ranks, 0)).all()
    assert (found.kept[NULL_ORACLE].expected == alone.kept[ORACLE].expected).all()
    assert list(found.excluded) == ["step 0", "step 1", "step 2", ORACLE, NULL_ORACLE]
    assert evaluate(scorer, split).to_dict() == found.to_dict(), "its draws are the same every time"


def test_there_is_no_null_oracle_without_steps_dropout_or_other_rows(data):
    split = make_split(data)
    for scorer, only in ((thinker("numpy", data.n_items, steps=0), False), (thinker("numpy", data.n_items), True),
                         (thinker("numpy", data.n_items, dropout=0.0, input_dropout=0.0), False)):
        assert NULL_ORACLE not in evaluate(scorer, split, only_answer=only).excluded


def test_every_batch_of_copies_draws_its_own_dropout_and_none_at_rate_0():
    scorer, items = thinker("numpy"), np.array([[1, 2, 3]])
    copies = scorer.copies()
    states = [*copies.states(items, np.array([3])), *copies.states(items, np.array([3]))]
    assert len({state.tobytes() for state in states}) == 6
    scorer.engine.config = scorer.engine.config.replaced(dropout=0.0, input_dropout=0.0)
    assert copies.states_of_one(items[0])[0] == pytest.approx(scorer.states(items, np.array([3]))[:, 0])
