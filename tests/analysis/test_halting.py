"""Rules and heads stop where their signals say so, and are fitted to what stopping gains."""

import numpy as np
import pytest

from minirearec.analysis.halting import NAMES, RULES, Head, depths, logistic, taken

KL, ENTROPY, AGREEMENT, CHANGE = RULES


def drawn(N=400, K=2):
    """Return signals, lengths and gains: who has a low entropy at step 0 gains there, all others gain at K."""
    rng = np.random.default_rng(1)
    signals, lengths = rng.random((N, K + 1, len(NAMES))), rng.integers(3, 40, N)
    signals[:, 1:, 0] = 1
    early = signals[:, 0, 0] < 0.3
    return signals, lengths, np.where(early[:, None], np.eye(K + 1)[0], np.eye(K + 1)[K])


def test_a_rule_stops_at_the_first_step_that_says_so():
    signals = np.ones((3, 4, len(NAMES)))
    signals[0, 0, 2] = signals[1, 2, 2] = 0.0  # at step 0 there is no step before
    rule = KL.fitted(signals, np.ones(3), np.tile([0.0, 0.0, 1.0, 0.5], (3, 1)))
    assert depths(KL, signals, np.ones(3)).tolist() == [3, 3, 3], "without a threshold it thinks to the end"
    assert rule.threshold == 0 and depths(rule, signals, np.ones(3)).tolist() == [3, 2, 3]


def test_agreement_stops_when_the_top_item_stays():
    signals = np.zeros((2, 3, len(NAMES)))
    signals[0, 1, 3] = 1
    rule = AGREEMENT.fitted(signals, np.ones(2), np.array([[0.0, 1, 0], [0, 0, 1]]))
    assert depths(rule, signals, np.ones(2)).tolist() == [1, 2]


def test_the_threshold_and_the_head_find_who_gains_early():
    signals, lengths, gains = drawn()
    for policy in (ENTROPY, Head()):
        fitted = policy.fitted(signals, lengths, gains)
        depth = depths(fitted, signals, lengths)
        assert taken(gains, depth).mean() > 0.93, fitted.name
        assert taken(gains, depth).mean() > gains.mean(0).max()
    assert ENTROPY.fitted(signals, lengths, gains).threshold == pytest.approx(0.3, abs=0.1)


def test_equal_gains_think_to_the_end_and_a_single_step_can_be_skipped():
    signals, lengths, _ = drawn(K=1)
    same = np.ones((400, 2))
    assert all(rule.fitted(signals, lengths, same).threshold is None for rule in RULES)
    assert (depths(Head().fitted(signals, lengths, same), signals, lengths) == 1).all()
    assert (depths(ENTROPY.fitted(signals, lengths, same * [1.0, 0.0]), signals, lengths) == 0).all()


def test_only_rules_of_distributions_read_scores():
    assert [rule.reads_scores for rule in RULES] == [True, True, True, False] and Head().reads_scores


def test_the_logistic_regression_weighs_its_rows():
    features, positive = np.ones((4, 1)), np.array([True, False, True, False])
    theta = logistic(features, positive, np.array([3.0, 1.0, 0.0, 0.0]))
    assert 1 / (1 + np.exp(-theta[0])) == pytest.approx(0.75, abs=1e-3)
    assert logistic(features, positive, np.zeros(4)) == pytest.approx([0.0])
