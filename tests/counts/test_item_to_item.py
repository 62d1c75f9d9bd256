"""The count baseline: results by hand for three users, and the published figures on the real file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.count_models import CountsConfig
from minirearec.counts.scorer import CountScorer
from minirearec.data import leave_one_out, read_sequences
from minirearec.evaluation.full_ranking import evaluate
from tests.counts import slow
from tests.counts.slow import histories


def test_scores_by_hand(tmp_path):
    path = tmp_path / "tiny.txt"
    path.write_text("1 1 2 3 9 9\n2 1 3 9 9\n3 2 3 1 9 9\n")  # the last two items of each user are held out
    scorer = CountScorer.fit(leave_one_out(read_sequences(path)))
    # Items 1, 2, 3 have indices 0, 1, 2. After 1: 2 once at gap 1; 3 once at gap 2 and once at gap 1.
    # 1 occurs 3 times, 2 twice.  After 2: 3 twice at gap 1, 1 once at gap 2.
    scores = scorer.scores(scorer.states(np.array([[1, 0]]), np.array([2])), scorer.answer)
    after_1 = np.array([0, 1, 1.5, 0]) / np.sqrt(3)
    after_2 = np.array([0.5, 0, 2, 0]) / np.sqrt(2)
    assert scores[0] == pytest.approx(after_1 + after_2 / 2)


def test_the_reference_figures_on_beauty(beauty_file):
    """Recall@10 is .0844 and NDCG@10 .0528 without seen items, .0791 and .0482 with them."""
    split = leave_one_out(read_sequences(beauty_file))
    found = evaluate(CountScorer.fit(split), split, "test")
    for seen, recall, ndcg in (("excluded", 0.0844, 0.0528), ("kept", 0.0791, 0.0482)):
        metrics = found.metrics(seen=seen)
        assert metrics["Recall@10"] == pytest.approx(recall, abs=5e-4)
        assert metrics["NDCG@10"] == pytest.approx(ndcg, abs=5e-4)


@given(histories, st.lists(st.integers(0, slow.V - 1), min_size=1, max_size=14))
def test_scores_are_those_of_loops(rows, history):
    scorer = CountScorer.fit(slow.split_of(rows))
    scores = scorer.scores(scorer.states_of_one(np.array(history)), scorer.answer)[0]
    assert scores == pytest.approx(np.array(slow.item_to_item(rows, CountsConfig(), history)))
