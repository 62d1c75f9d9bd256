"""Adaptive depth: policies are compared by their ranks, and compute no state beyond their stop."""

import json

import numpy as np
import pytest

from minirearec.analysis.depth import HALT, METRIC, _Seen, fitted, halting, stop_early
from minirearec.analysis.halting import depths
from minirearec.config import Config
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.scorers import StateScorer

THINKER = {"method": "rpe", "steps": 2, "width": 8, "inner_width": 8, "layers": 2, "initial_std": 0.5}


@pytest.fixture(scope="module")
def split(data):
    return make_split(data)


@pytest.fixture(scope="module", params=["torch", "numpy"])
def scorer(request, data):
    config = Config.make(**THINKER, scores="cosine" if request.param == "numpy" else "dot")
    return StateScorer(make_learner(config, data.n_items, request.param), config)


def test_fixed_depths_are_the_steps_and_the_policy_is_chosen_on_validation(scorer, split):
    evaluation, found = halting(scorer, split)
    alone = evaluate(scorer, split)
    rows = evaluation.to_dict()["excluded"]
    assert list(rows) == ["step 0", "step 1", "step 2", HALT, ORACLE, NULL_ORACLE]
    assert all(rows[name] == values for name, values in alone.to_dict()["excluded"].items())
    kept = evaluation.to_dict()["kept"]
    assert all(kept[name] == values for name, values in alone.to_dict()["kept"].items()) and kept[HALT] != rows[HALT]
    by_name = {way.name: way for way in found.ways}
    for k in range(3):
        one = by_name[f"always {k}"]
        assert one.metrics == rows[f"step {k}"] and one.depth == k and not one.policy
        assert one.valid == evaluate(scorer, split, "valid").metrics(f"step {k}")[METRIC]
    policies = [way for way in found.ways if way.policy]
    assert by_name[found.chosen].valid == max(way.valid for way in policies) and len(policies) == 5
    assert by_name[found.best_fixed].valid == max(way.valid for way in found.ways if not way.policy)
    assert rows[HALT] == by_name[found.chosen].metrics
    start, ceiling = rows[found.best_fixed.replace("always", "step")][METRIC], rows[ORACLE][METRIC]
    for way in found.ways:
        assert way.gain.value == pytest.approx(way.metrics[METRIC] - start) and way.milliseconds > 0
        assert way.realised == pytest.approx((way.metrics[METRIC] - start) / (ceiling - start))
    assert found.null_realised == pytest.approx((rows[NULL_ORACLE][METRIC] - start) / (ceiling - start))
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["chosen"] == found.chosen
    assert len(found.records()) == 8


def test_states_are_computed_only_as_deep_as_needed_and_are_the_same(scorer, split):
    seen = _Seen(scorer, split, "valid")
    items, lengths = split.inputs(np.arange(60), "valid", scorer.max_length)
    states = scorer.engine.states(items, lengths)
    scores = np.stack([scorer.engine.scores(states[:, k]) for k in range(3)], 1)
    for policy in fitted(seen):
        found, depth = stop_early(scorer, policy, items, lengths)
        assert (depth == depths(policy, seen.signals, seen.lengths)[:60]).mean() > 0.95, "up to rounding at a threshold"
        assert found == pytest.approx(scores[np.arange(60), depth], abs=1e-4)


def test_after_a_refit_the_policies_move_to_the_other_model(data, split):
    config = Config.make(**THINKER)
    first, final = (StateScorer(make_learner(config.replaced(seed=seed), data.n_items, "numpy"), config)
                    for seed in (0, 1))
    evaluation, found = halting(first, split, "test", final, split)
    assert (evaluation.excluded["step 1"].above == evaluate(final, split).excluded["step 1"].above).all()
    assert found.ways[1].valid == evaluate(first, split, "valid").metrics("step 1")[METRIC]
    assert found.ways[1].metrics == mean_metrics(evaluation.excluded["step 1"])


def test_policies_read_the_length_that_the_model_reads(data, split):
    config = Config.make(**THINKER, max_length=3)
    seen = _Seen(StateScorer(make_learner(config, data.n_items, "numpy"), config), split, "valid")
    assert (seen.lengths == np.minimum(split.valid.length, 3)).all() and split.valid.length.max() > 3
