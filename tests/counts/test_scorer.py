"""A count model scores batches as it scores one history, and comes back from its arrays."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.count_models import COUNTS
from minirearec.counts.scorer import CountScorer
from minirearec.data import leave_one_out
from minirearec.errors import RunError

FIT = {name: Config.make(counts=name, history_length=6).counting for name in COUNTS}


@pytest.fixture(scope="module")
def split(data):
    return leave_one_out(data)


@pytest.mark.parametrize("name", COUNTS)
def test_a_batch_is_scored_like_its_histories(name, split):
    scorer = CountScorer.fit(split, FIT[name])
    items, lengths = split.inputs(np.arange(20), "test", scorer.max_length)
    together = scorer.scores(scorer.states(items, lengths), scorer.answer)
    for row, history in enumerate(split.history(user, "test") for user in range(20)):
        alone = scorer.scores(scorer.states_of_one(history), scorer.answer)[0]
        assert np.array_equal(together[row], alone) and len(set(alone)) > 1


@pytest.mark.parametrize("name", COUNTS)
def test_a_scorer_comes_back_from_its_arrays(name, split):
    scorer = CountScorer.fit(split, FIT[name])
    again = CountScorer.of(scorer.weights(), FIT[name], split.data.n_items, "best", "")
    history = split.history(3, "test")
    expected = scorer.scores(scorer.states_of_one(history), scorer.answer)
    assert np.array_equal(again.scores(again.states_of_one(history), again.answer), expected)
    assert ("background" in scorer.weights()) == (FIT[name].boost != 0)


def test_arrays_of_other_settings_are_refused(split):
    weights = CountScorer.fit(split, FIT["pctm"]).weights()
    with pytest.raises(RunError, match="best: the weights do not fit the settings: background is not part of the mod"):
        CountScorer.of(weights, FIT["rules"], split.data.n_items, "best", "")
    with pytest.raises(RunError, match=r"starts has shape \[81\] instead of \[82\]"):
        CountScorer.of(weights, FIT["pctm"], split.data.n_items + 1, "best", "")


def test_the_boost_orders_items_without_evidence(split):
    often = np.bincount(split.train_items, minlength=split.data.n_items)
    for boost in (-0.5, 0.5):
        scorer = CountScorer.fit(split, Config.make(counts="pctm", boost=boost, window=1).counting)
        history = split.history(0, "test")[-1:]
        scores = scorer.scores(scorer.states_of_one(history), scorer.answer)[0]
        followers = scorer.neighbours[scorer.starts[history[0]]:scorer.starts[history[0] + 1]]
        others = np.setdiff1d(np.arange(split.data.n_items), followers)
        order = others[np.argsort(-scores[others], kind="stable")]
        assert (np.diff(often[order]) * boost <= 0).all() and len(np.unique(often[others])) > 1
