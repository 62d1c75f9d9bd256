"""A gate that is fitted afterwards is a mixture of the rows, finds what the signals give away, and stays honest."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.data.splits import make_split, with_validation
from minirearec.engine import make_learner
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
from minirearec.evaluation.gate import FittedGate, fit_theta
from minirearec.evaluation.scorers import StateScorer
from minirearec.evaluation.signals import Observed
from minirearec.reference.ops import softmax
from tests.evaluation.test_signals import THINKER


@pytest.fixture(scope="module")
def split(data):
    return make_split(data)


@pytest.fixture(scope="module", params=["torch", "numpy"])
def scorer(request, data):
    config = Config.make(**THINKER)
    return StateScorer(make_learner(config, data.n_items, request.param), config)


def test_the_gate_is_a_mixture_beside_the_rows_of_the_model(scorer, split):
    fitted = FittedGate.fit(scorer, split)
    found, alone = evaluate(fitted, split), evaluate(scorer, split)
    names = [row.name for row in scorer.rows]
    assert list(found.excluded) == [*names, "fitted gate", ORACLE, NULL_ORACLE] and found.answer == alone.answer
    rows = found.to_dict()["excluded"]
    assert all(rows[name] == values for name, values in alone.to_dict()["excluded"].items())
    history = split.history(3, "test")
    states = fitted.states_of_one(history)
    mixed = np.exp(fitted.scores(states, fitted.gate))
    shares = np.stack([softmax(fitted.scores(states, row)) for row in scorer.rows])
    assert mixed.sum() == pytest.approx(1, abs=1e-5)
    assert (mixed >= shares.min(0) - 1e-6).all() and (mixed <= shares.max(0) + 1e-6).all()
    assert sum(fitted.shares) == pytest.approx(1)


def test_the_gate_is_at_least_as_likely_as_the_even_mixture_on_validation(scorer, split):
    seen, fitted = Observed(scorer, split, "valid"), FittedGate.fit(scorer, split)
    gated = Observed(fitted, split, "valid").target_logs[:, -1].mean()
    even = np.log(np.exp(seen.target_logs).mean(1)).mean()
    assert gated > even


def test_a_feature_that_gives_the_better_row_away_is_found():
    rng = np.random.default_rng(0)
    better = rng.integers(0, 2, 500)
    features = np.zeros((500, 2, 1))
    features[np.arange(500), better, 0] = 1
    logs = np.log(np.where(np.eye(2)[better] == 1, 0.9, 0.1))
    theta = fit_theta(features, logs)
    gate = softmax(features @ theta)
    assert gate[np.arange(500), better].mean() > 0.95
    assert fit_theta(rng.standard_normal((500, 2, 3)), np.zeros((500, 2))) == pytest.approx(np.zeros(3), abs=1e-6)


def test_the_fit_ends_where_the_likelihood_does_not_grow():
    """Rows that differ little make a flat loss, in which short steps would end far from its minimum."""
    rng = np.random.default_rng(1)
    features = np.concatenate([rng.standard_normal((400, 3, 4)), np.broadcast_to(np.eye(3), (400, 3, 3))], -1)
    logs = -5 + 0.3 * rng.standard_normal((400, 3)) + 0.2 * features[..., 0] + [0.0, 0.1, 0.3]

    def slope(theta):
        gate = softmax(features @ theta)
        posterior = gate * np.exp(logs)
        return np.einsum("nm,nmf->f", gate - posterior / posterior.sum(1, keepdims=True), features) / 400

    theta = fit_theta(features, logs)
    assert np.abs(slope(theta) + 1e-4 * theta).max() < 1e-4 < np.abs(slope(np.zeros(7))).max()


def test_after_a_refit_the_gate_moves_to_the_other_model(data, split):
    config = Config.make(**THINKER)
    first, final = (StateScorer(make_learner(config.replaced(seed=seed), data.n_items, "numpy"), config)
                    for seed in (0, 1))
    fitted, moved = FittedGate.fit(first, split), FittedGate.fit(first, split, final)
    assert (fitted.theta == moved.theta).all() and moved.shares == fitted.shares
    found = evaluate(moved, with_validation(split)).to_dict()["excluded"]
    assert found["step 1"] == evaluate(final, with_validation(split)).to_dict()["excluded"]["step 1"]
    rows = {row: {"NDCG@20": value} for row, value in {"step 0": 0.1, "step 1": 0.1, "step 2": 0.1, "fitted gate": 0.12,
                                                       ORACLE: 0.2, NULL_ORACLE: 0.19}.items()}
    told = moved.to_dict(rows)
    assert told["realised"] == pytest.approx(0.2) and told["null_realised"] == pytest.approx(0.9)
    valid = evaluate(first, split, "valid")
    assert told["best_fixed"] == max(("step 0", "step 1", "step 2"), key=lambda row: valid.metrics(row)["NDCG@20"])


def test_the_gate_knows_the_length_that_the_model_reads(data, split):
    config = Config.make(**THINKER, max_length=3)
    scorer = StateScorer(make_learner(config, data.n_items, "numpy"), config)
    seen, fitted = Observed(scorer, split, "valid"), FittedGate.fit(scorer, split)
    shown = fitted._features(seen.signals, np.minimum(seen.lengths, 3))
    assert seen.lengths.max() > 3 and np.array_equal(fitted._features(seen.signals, seen.lengths), shown)


def test_the_gate_mixes_as_it_was_fitted(data, split):
    config = Config.make(**THINKER, max_length=3, temperature=0.5)
    scorer = StateScorer(make_learner(config, data.n_items, "numpy"), config)
    seen, fitted = Observed(scorer, split, "valid"), FittedGate.fit(scorer, split)
    gate = softmax(fitted._features(seen.signals, np.minimum(seen.lengths, 3)) @ fitted.theta)
    assert gate.mean(0) == pytest.approx(fitted.shares)
    mixed = np.log((gate * np.exp(seen.target_logs)).sum(1))
    assert Observed(fitted, split, "valid").target_logs[:, -1] == pytest.approx(mixed, abs=1e-4)
