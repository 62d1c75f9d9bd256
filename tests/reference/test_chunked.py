"""Computing in chunks changes neither losses nor gradients, and keeps the full scores out of memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.reference import chunked
from minirearec.reference.objectives import (
    cross_entropy,
    erl_loss,
    erl_loss_value_and_grad,
    info_nce,
    info_nce_value_and_grad,
    last_step_loss_value_and_grad,
    same_target_contrast_value_and_grad,
)
from minirearec.targets import SoftTargets
from tests.compare import assert_same
from tests.strategies import problems


@given(problem=problems(), chunk=st.integers(1, 40), fewest=st.integers(1, 4))
def test_the_size_of_a_chunk_does_not_matter(problem, chunk, fewest):
    p, P = problem, problem.B * problem.T
    states, table = p.normal("states", P, p.K + 1, p.D), p.weights["item_embedding"]
    targets, groups = p.targets.reshape(-1), np.repeat(np.arange(p.B), p.T)
    soft = SoftTargets(targets[::-1, None], np.full((P, 1), 0.4), 0.1)

    def everything():
        return [cross_entropy(states[:, 0], table, targets, 0.7), erl_loss(states, table, targets, 0.7, 0.3),
                last_step_loss_value_and_grad(states, table, targets, 0.7),
                erl_loss_value_and_grad(states, table, targets, 0.7, 0.3),
                info_nce(states[:, 0], states[:, -1], 0.7, groups),
                info_nce_value_and_grad(states[:, 0], states[:, -1], 0.7, groups),
                last_step_loss_value_and_grad(states, table, targets, 0.7, None, soft),
                same_target_contrast_value_and_grad(states[:, 0], targets, groups, 0.7)]

    at_once = everything()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunked, "CHUNK_SCORES", chunk)
        patch.setattr(chunked, "FEWEST_ROWS", fewest)
        assert_same(everything(), at_once)


@given(problem=problems())
def test_both_forms_of_a_loss_agree(problem):
    """``loss`` and ``loss_value_and_grad`` are separate code, one for the equation, one for speed."""
    states = problem.normal("states", problem.B * problem.T, problem.K + 1, problem.D)
    last = states, problem.weights["item_embedding"], problem.targets.reshape(-1), 0.7
    assert_same(erl_loss_value_and_grad(*last, 0.3)[0], erl_loss(*last, 0.3))
    assert_same(last_step_loss_value_and_grad(*last)[0], cross_entropy(states[:, -1], *last[1:]))


@given(rows=st.integers(0, 50), columns=st.integers(1, 50), chunk=st.integers(1, 100), fewest=st.integers(1, 9),
       M=st.integers(1, 5))
def test_chunks_cover_every_row_once_and_are_small(rows, columns, chunk, fewest, M):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunked, "CHUNK_SCORES", chunk)
        patch.setattr(chunked, "FEWEST_ROWS", fewest)
        slices = list(chunked.row_chunks(rows, columns, M))
    assert [row for part in slices for row in range(rows)[part]] == list(range(rows))
    sizes = [M * (part.stop - part.start) for part in slices]
    assert all(size <= max(fewest, M) or size * columns <= chunk for size in sizes)


@pytest.mark.parametrize("call", [
    lambda states, table, targets: last_step_loss_value_and_grad(states, table, targets, 1.0),
    lambda states, table, targets: erl_loss_value_and_grad(states, table, targets, 1.0, 0.05),
    lambda states, table, targets: last_step_loss_value_and_grad(
        states, table, targets, 1.0, None, SoftTargets(targets[:, None] - 1, np.full((500, 1), 0.5), 0.1)),
    lambda states, table, targets: cross_entropy(states[:, 0], table, targets, 1.0),
    lambda states, table, targets: erl_loss(states, table, targets, 1.0, 0.05),
], ids=["cross-entropy and gradients", "erl and gradients", "soft targets and gradients", "cross-entropy", "erl"])
def test_the_full_scores_never_exist(call, monkeypatch):
    rng = np.random.default_rng(0)
    P, V, D = 500, 2_000, 4
    states, table = rng.standard_normal((P, 3, D)), rng.standard_normal((V, D))
    monkeypatch.setattr(chunked, "CHUNK_SCORES", 10_000)
    monkeypatch.setattr(chunked, "FEWEST_ROWS", 1)
    tracemalloc.start()
    call(states, table, rng.integers(0, V, P))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < P * V * states.itemsize / 4
