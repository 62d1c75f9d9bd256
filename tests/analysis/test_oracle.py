"""The null oracle: copies that only differ by dropout."""

from itertools import pairwise

import numpy as np
import pytest

from minirearec.analysis.oracle import Copies
from minirearec.data.splits import make_split
from minirearec.evaluation.full_ranking import ORACLE, evaluate
from minirearec.runs.opening import load_scorer


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_the_null_oracle_is_the_best_of_copies_at_k_0(backend, run, data):
    engine, split = load_scorer(run, backend=backend).engine, make_split(data)
    found = evaluate(Copies(engine, 50, 3), split)
    ranks = [found.excluded[f"copy {number}"].expected for number in range(3)]
    assert (found.excluded[ORACLE].expected == np.min(ranks, 0)).all()
    assert all((one != other).any() for one, other in pairwise(ranks))
    again = evaluate(Copies(engine, 50, 3), split)
    assert again.to_dict() == found.to_dict()


def test_every_batch_draws_its_own_dropout_and_none_at_rate_0(run, data):
    engine = load_scorer(run, backend="numpy").engine
    copies, items = Copies(engine, 50, 2), np.array([[1, 2, 3]])
    first, second = copies.states(items, np.array([3])), copies.states(items, np.array([3]))
    states = [*first, *second]
    assert len({state.tobytes() for state in states}) == 4
    engine.config = engine.config.replaced(dropout=0.0, input_dropout=0.0)
    assert copies.states(items, np.array([3]))[0] == pytest.approx(engine.states(items, np.array([3]))[:, 0])
