"""Serving one history returns what the general functions return."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minirearec.parts import POSITIONS
from minirearec.reference.reasoning import last_states
from minirearec.reference.serving import SERVES, serving_states
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


def test_float32_stays_float32():
    weights = combine(lambda leaf: leaf.astype(np.float32), SMALL.weights)
    assert serving_states(weights, np.array([1]), SMALL.K, SMALL.H).dtype == np.float32
