"""Signals are those of the distributions, target by target, in the order of the part."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.scorers import StateScorer
from minirearec.evaluation.signals import Observed, signals
from minirearec.reference.ops import softmax

THINKER = {"method": "erl", "steps": 2, "width": 8, "inner_width": 8, "layers": 1, "initial_std": 0.3}


def test_signals_of_distributions_that_are_known():
    even, sure = np.full((1, 4), 0.25), np.array([[0.97, 0.01, 0.01, 0.01]])
    first, second = signals(np.log(even), None)[0], signals(np.log(sure), np.log(even))[0]
    assert first == pytest.approx([np.log(4), -np.log(4), 0, 0])
    entropy, kl = -(sure * np.log(sure)).sum(), (even * np.log(even / sure)).sum()
    assert second == pytest.approx([entropy, np.log(0.97), kl, 1]), "argmax takes the first of equal ones"
    other = np.log(sure[:, ::-1])
    assert signals(other, np.log(sure))[0, 3] == 0


def test_one_pass_observes_every_target_of_the_part(data):
    config, split = Config.make(**THINKER, temperature=0.5), make_split(data)
    scorer = StateScorer(make_learner(config, data.n_items, "numpy"), config)
    seen = Observed(scorer, split, "valid")
    assert seen.evaluation.to_dict() == evaluate(scorer, split, "valid", null=False).to_dict()
    assert (seen.lengths == split.valid.length).all()
    assert np.array_equal(Observed(scorer, split, "valid", metrics="coverage").signals, seen.signals)
    for user in (0, 7, 199):
        states = scorer.states(*split.inputs(np.array([user]), "valid", scorer.max_length))
        logs = [np.log(softmax(scorer.scores(states, row) / 0.5)) for row in scorer.rows]
        expected = np.stack([signals(log, before)[0] for log, before in zip(logs, [None, *logs], strict=False)])
        assert seen.signals[user] == pytest.approx(expected, abs=1e-4)
        assert seen.target_logs[user] == pytest.approx([log[0, split.target("valid")[user]] for log in logs], abs=1e-4)


def test_a_mixture_has_logarithms_already(data):
    config, split = Config.make(**{**THINKER, "method": "gate"}, temperature=0.5), make_split(data)
    scorer = StateScorer(make_learner(config, data.n_items, "numpy"), config)
    seen, user = Observed(scorer, split, "valid"), np.array([3])
    mixed = scorer.scores(scorer.states(*split.inputs(user, "valid", scorer.max_length)), scorer.answer)
    assert np.exp(mixed).sum() == pytest.approx(1, abs=1e-5)
    assert seen.signals[3, -1, 0] == pytest.approx(-(np.exp(mixed) * mixed).sum(), abs=1e-4)
