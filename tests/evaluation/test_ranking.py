"""Ranks: seen items excluded and kept, ties, NaN, and the best items in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minirearec.errors import EvaluationError
from minirearec.evaluation.ranking import Ranks, concatenate, rank_targets, top_items

NOTHING = np.empty(0, dtype=np.int64)
small_scores = st.tuples(st.integers(1, 6), st.integers(2, 30)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 5).map(float)))


@given(small_scores, st.data())
def test_excluding_seen_items_equals_deleting_them(scores, data):
    users, catalogue = scores.shape
    targets = np.array(data.draw(st.lists(st.integers(0, catalogue - 1), min_size=users, max_size=users)))
    seen = [data.draw(st.sets(st.integers(0, catalogue - 1))) for _ in range(users)]
    rows = np.array([row for row, items in enumerate(seen) for _ in items], dtype=np.int64)
    items = np.array([item for items in seen for item in sorted(items)], dtype=np.int64)
    excluded, kept = rank_targets(scores, targets, rows, items)
    for user in range(users):
        left = [item for item in range(catalogue) if item not in seen[user] or item == targets[user]]
        own = scores[user, targets[user]]
        assert excluded.above[user] == sum(scores[user, item] > own for item in left)
        assert excluded.tied[user] == sum(scores[user, item] == own for item in left) - 1
        assert kept.above[user] == sum(scores[user] > own)


def test_nan_scores_are_an_error():
    scores = np.zeros((2, 5))
    scores[1, 3] = np.nan
    with pytest.raises(EvaluationError, match="user row 1 contain NaN"):
        rank_targets(scores, np.array([0, 0]), NOTHING, NOTHING)


@given(small_scores, st.integers(1, 40), st.data())
def test_top_items_are_the_best_in_order_of_score_then_index(scores, k, data):
    row, catalogue = scores[0], scores.shape[1]
    excluded = sorted(data.draw(st.sets(st.integers(0, catalogue - 1))))
    expected = sorted((item for item in range(catalogue) if item not in excluded), key=lambda item: (-row[item], item))
    assert top_items(row, k, np.array(excluded, dtype=np.int64)).tolist() == expected[:k]


def test_ranks_of_batches_are_joined_and_indexed():
    whole = concatenate([Ranks(np.array([0, 3]), np.array([1, 0])), Ranks(np.array([7]), np.array([2]))])
    assert whole.above.tolist() == [0, 3, 7] and whole.expected.tolist() == [1.5, 4, 9]
    assert whole[[2, 0]].tied.tolist() == [2, 1]
