"""Serving one history returns what the general functions return, and names what is wrong with bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.errors import ConfigError, HistoryError
from minirearec.parts import POSITIONS
from minirearec.reference.objectives import scores
from minirearec.reference.reasoning import last_states
from minirearec.reference.serving import SERVES, recommend, serving_states
from minirearec.weights import combine
from tests.compare import assert_same
from tests.strategies import Problem, problems

SMALL = Problem(B=1, T=4, K=2, H=2, d=3, I=5, L=2, V=9, seed=3)


@given(problem=problems(), naive=st.booleans(), backbone=st.sampled_from(SERVES), positions=st.sampled_from(POSITIONS))
def test_serving_states_are_the_last_states(problem, naive, backbone, positions):
    weights = {name: part for name, part in problem.weights_with_positions(
        positions, 2 if backbone == "bert4rec" else 1).items() if not (naive and name == "reasoning_embedding")}
    for history in problem.items:
        states, _ = last_states(weights, history[None], np.array([problem.T]), problem.K, problem.H, backbone=backbone)
        assert_same(serving_states(weights, history, problem.K, problem.H, backbone), states[0, 0])


@pytest.mark.parametrize("backbone", SERVES)
@given(problem=problems(), k=st.integers(1, 12), keep_seen=st.booleans())
def test_recommendations_are_the_best_scores(backbone, problem, k, keep_seen):
    p, history = problem, problem.items[0]
    states, _ = last_states(p.weights, history[None], np.array([p.T]), p.K, p.H, backbone=backbone)
    everything = scores(states[0, 0], p.weights["item_embedding"], 0.5)
    allowed = [item for item in range(p.V) if keep_seen or item not in history]
    items, found = recommend(p.weights, history, p.K, p.H, k, keep_seen, temperature=0.5, backbone=backbone)
    assert_same(found, np.take_along_axis(everything, items, 1))
    for step in range(p.K + 1):
        expected = sorted(allowed, key=lambda item: (-everything[step, item], item))[:k]
        assert items[step].tolist() == expected


def test_equal_scores_keep_the_order_of_their_index():
    weights = {**SMALL.weights, "item_embedding": np.ones_like(SMALL.weights["item_embedding"])}
    items, _ = recommend(weights, np.array([4, 0]), SMALL.K, SMALL.H, k=3)
    assert items.tolist() == [[1, 2, 3]] * 3


@pytest.mark.parametrize("positions", POSITIONS)
def test_only_the_newest_items_are_read_and_all_are_excluded(positions):
    """There are positions for T + 2 = 6 items; the oldest 2 of 8 are not read, but still count as seen."""
    history, weights = np.array([8, 7, 1, 2, 3, 1, 2, 3]), SMALL.weights_with_positions(positions)
    items, found = recommend(weights, history, SMALL.K, SMALL.H, k=20)
    newest_items, newest = recommend(weights, history[-6:], SMALL.K, SMALL.H, k=20)
    assert {8, 7, 1, 2, 3}.isdisjoint(items.ravel()) and items.shape == (3, 4)
    for row, newest_row in zip(items, newest_items, strict=True):
        assert row.tolist() == [item for item in newest_row if item not in (7, 8)]
    assert found.max() <= newest.max()


def test_float32_stays_float32():
    weights = combine(lambda leaf: leaf.astype(np.float32), SMALL.weights)
    assert recommend(weights, np.array([1]), SMALL.K, SMALL.H)[1].dtype == np.float32


@pytest.mark.parametrize("history, k, error, message", [
    ([], 3, HistoryError, "history: the history is empty. Give at least one item."),
    ([2, 9], 3, HistoryError, "history: unknown item 9. Items are numbered 0 to 8."),
    ([-1], 3, HistoryError, "history: unknown item -1."),
    ([1], 0, ConfigError, "k: 0 items to recommend. Ask for at least 1."),
])
def test_bad_input_is_named(history, k, error, message):
    with pytest.raises(error, match=message):
        recommend(SMALL.weights, np.array(history, dtype=int), SMALL.K, SMALL.H, k)
