"""Sequential rules, against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config
from minirearec.counts.rules import rarity
from minirearec.counts.scorer import CountScorer
from tests.counts import slow
from tests.counts.slow import histories, split_of


@given(histories, st.lists(st.integers(0, slow.V - 1), min_size=1, max_size=14), st.integers(0, 3), st.booleans())
def test_scores_are_those_of_loops(rows, history, strongest, idf):
    settings = Config.make(counts="rules", window=5, strongest=strongest, idf=idf).counting
    scorer = CountScorer.fit(split_of(rows), settings)
    scores = scorer.scores(scorer.states_of_one(np.array(history)), scorer.answer)[0]
    assert scores == pytest.approx(np.array(slow.rules(rows, settings, history)))


def test_rarity_runs_from_0_to_1():
    assert rarity(np.array([8, 2, 0, 4]), 8)[[0, 1, 3]] == pytest.approx([0, 1, 0.5])
    assert rarity(np.array([3, 0, 3]), 8).tolist() == [1, 1, 1]
