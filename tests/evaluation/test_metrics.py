"""Metrics agree with ir-measures and with results by hand, and handle ties."""

from itertools import pairwise

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minirearec.evaluation.metrics import CUTOFFS, METRICS, bootstrap_interval, mean_metrics, per_user
from minirearec.evaluation.ranking import Ranks, rank_targets

NAMES = tuple(f"{name}@{k}" for name in METRICS for k in CUTOFFS)
NOTHING = np.empty(0, dtype=np.int64)
small_scores = st.tuples(st.integers(1, 6), st.integers(2, 30)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 5).map(float)))


@given(st.integers(1, 20), st.integers(2, 60), st.integers(0, 10**6))
def test_metrics_agree_with_ir_measures(users, catalogue, seed):
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(catalogue, dtype=float), (users, 1)), axis=1)  # no ties
    targets = rng.integers(0, catalogue, users)
    ours = mean_metrics(rank_targets(scores, targets, NOTHING, NOTHING)[1])

    qrels = [ir_measures.Qrel(str(user), str(target), 1) for user, target in enumerate(targets)]
    run = [ir_measures.ScoredDoc(str(user), str(item), scores[user, item])
           for user in range(users) for item in range(catalogue)]
    theirs = {"Recall": ir_measures.R, "NDCG": ir_measures.nDCG, "MRR": ir_measures.RR}
    wanted = {name: theirs[name.split("@")[0]] @ int(name.split("@")[1]) for name in NAMES}
    found = ir_measures.calc_aggregate(list(wanted.values()), qrels, run)
    for name in NAMES:
        assert ours[name] == pytest.approx(found[wanted[name]], abs=1e-12), name


@given(small_scores, st.data())
def test_tied_scores_get_the_mean_over_all_orders(scores, data):
    """Put the target on every rank that the ties allow: we report the mean."""
    users, catalogue = scores.shape
    targets = np.array(data.draw(st.lists(st.integers(0, catalogue - 1), min_size=users, max_size=users)))
    ours = per_user(rank_targets(scores, targets, NOTHING, NOTHING)[1])
    for user, target in enumerate(targets):
        above = sum(scores[user] > scores[user, target])
        tied = sum(scores[user] == scores[user, target])
        for name in NAMES:
            kind, k = name.split("@")
            gains = [METRICS[kind].gain(np.array(float(rank))) * (rank <= int(k))
                     for rank in range(above + 1, above + tied + 1)]
            assert ours[name][user] == pytest.approx(np.mean(gains), abs=1e-12)


def test_a_model_that_scores_everything_the_same_gets_a_random_order():
    ranks = rank_targets(np.zeros((3, 1000)), np.array([0, 500, 999]), NOTHING, NOTHING)[1]
    values = per_user(ranks)
    expected = sum(1 / np.log2(rank + 1) for rank in range(1, 11)) / 1000
    assert values["NDCG@10"] == pytest.approx([expected] * 3)
    assert values["Recall@20"] == pytest.approx([20 / 1000] * 3)



@given(st.integers(1, 30), st.integers(0, 200), st.integers(0, 50))
def test_metrics_are_bounded_and_grow_with_k(users, above, tied):
    values = per_user(Ranks(np.full(users, above), np.full(users, tied)), cutoffs=(5, 10, 20, 300))
    for kind in METRICS:
        by_k = [values[f"{kind}@{k}"] for k in (5, 10, 20, 300)]
        assert all((value >= 0).all() and (value <= 1).all() for value in by_k)
        assert all((small <= large + 1e-15).all() for small, large in pairwise(by_k))




def test_the_bootstrap_interval_is_that_of_a_normal_mean():
    values = np.random.default_rng(1).normal(3, 2, 4000)
    low, high = bootstrap_interval(values)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 10)
    assert bootstrap_interval(values) == bootstrap_interval(values, users=np.arange(len(values))) == (low, high)
    assert bootstrap_interval(np.full(9, 0.5)) == (0.5, 0.5)


def test_the_targets_of_a_user_are_drawn_together():
    """Each user's ten targets share one value: there are as many draws as users, not as targets."""
    values, users = np.random.default_rng(1).normal(0.3, 1.0, 400), np.arange(400)
    often = np.random.default_rng(2).permutation(4000)
    assert bootstrap_interval(np.repeat(values, 10), users=np.repeat(users, 10)) == pytest.approx(
        bootstrap_interval(values), abs=1e-12)
    several = bootstrap_interval(np.repeat(values, 10)[often], users=np.repeat(users, 10)[often])
    assert several == pytest.approx(bootstrap_interval(values), abs=1e-12)
