"""Soft targets and partners: what a position is trained on besides its own target."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config, ObjectiveConfig
from minirearec.data.batching import Batch, iterate
from minirearec.data.splits import make_split
from minirearec.fitting import Fitting
from minirearec.methods import METHODS
from minirearec.runs.checkpoint import Checkpoint
from minirearec.sampling import find_seen
from minirearec.targets import Followers, partners, soften
from tests.small import SMALL

# Three items: 1 and 2 follow 0, nothing follows 1, 0 follows 2. The two newest items count two to one.
FOLLOWERS = Followers(np.array([[1, 2], [1, 1], [0, 2]]), np.array([[0.75, 0.25], [0, 0], [1, 0]], np.float32),
                      np.array([2, 1], np.float32))
SOFT = {"soft_targets": "counts", "counts": "pctm", "soft_weight": 0.5}


def distributions(soft, targets, items):
    """Return q [P, V] as an array."""
    q = np.full((len(targets), items), soft.even / items)
    for row, target in enumerate(targets):
        q[row, target] += 1 - soft.even - soft.shares[row].sum()
        np.add.at(q[row], soft.items[row], soft.shares[row])
    return q


def test_the_followers_of_the_newest_items_share():
    """The first position knows one item, the second two; of item 1 nothing is known, so the target keeps its part."""
    batch = Batch(np.array([[0, 2, 1]]), np.array([[2, 1, 0]]), np.array([[True, True, True]]))
    soft = soften(batch, ObjectiveConfig(soft_weight=0.6, label_smoothing=0.1), FOLLOWERS)
    expected = [[0, 0.75, 0.25], [2 / 3, 0.25, 0.25 / 3], [1 / 3, 0, 0]]
    left = [0, 0, 2 / 3]
    for row, (target, shared, kept) in enumerate(zip((2, 1, 0), expected, left, strict=True)):
        q = 0.1 / 3 + 0.9 * (0.4 * np.eye(3)[target] + 0.6 * (np.array(shared) + kept * np.eye(3)[target]))
        assert distributions(soft, [2, 1, 0], 3)[row] == pytest.approx(q)


def test_only_counted_positions_and_the_end_of_a_prefix():
    items, counted = np.array([[0, 2, 1], [2, 0, 0]]), np.array([[False, True, False], [True, False, False]])
    together = FOLLOWERS.after(Batch(items, items, counted))
    alone = FOLLOWERS.after(Batch(items, items[:, :1], np.ones((2, 1), bool), np.array([2, 1])))
    for ours, theirs in zip(together, alone, strict=True):
        assert len(ours) == 2 and np.array_equal(ours, theirs)


def test_without_soft_targets_and_smoothing_there_are_none():
    batch = Batch(np.zeros((1, 1), int), np.ones((1, 1), int), np.ones((1, 1), bool))
    assert soften(batch, ObjectiveConfig(), None) is None
    smoothed = soften(batch, ObjectiveConfig(label_smoothing=0.3), None)
    assert distributions(smoothed, [1], 3)[0] == pytest.approx([0.1, 0.8, 0.1])


def test_followers_have_places_among_the_items_that_a_loss_contrasts():
    seen = find_seen(Config.make(contrast="seen"), np.array([2, 0, 5]))
    assert FOLLOWERS.placed(None) is FOLLOWERS
    assert FOLLOWERS.placed(seen).items[2].tolist() == [0, 1], "items 0 and 2 are places 0 and 1"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12), st.randoms())
def test_partners_are_other_histories_whatever_the_order(pairs, random):
    """Without repeats in a history, every position whose target occurs elsewhere has one partner, and is one."""
    found = sorted(set(pairs))
    random.shuffle(found)
    targets, groups = np.array(found, int).reshape(-1, 2).T
    first, second = partners(targets, groups)
    assert (targets[first] == targets[second]).all() and (groups[first] != groups[second]).all()
    several = {i for i, (target, _) in enumerate(found) if (targets == target).sum() > 1}
    assert sorted(first) == sorted(second) == sorted(several)
    order = np.lexsort((groups, targets))
    again = partners(targets[order], groups[order])
    assert {*zip(order[again[0]], order[again[1]], strict=True)} == {*zip(first, second, strict=True)}


def test_the_teacher_may_be_dismissed_and_any_loss_contrasts_targets():
    assert Config.make(method="teacher").objective.softens
    assert not Config.make(method="teacher", soft_targets="none").objective.softens
    Config.make(method="erl", loss="gbce", same_target_weight=0.1)
    assert METHODS["teacher"].scored_states(Config.make().objective, 2) == 3


@pytest.mark.parametrize("settings", [
    {"method": "base", **SOFT, "contrast": "seen"}, {"method": "erl", "label_smoothing": 0.2, "kl_weight": 0.1},
    {"method": "teacher", "counts": "rules", "label_smoothing": 0.1}, {"method": "prl", "same_target_weight": 0.3},
    {"method": "gate", **SOFT},
    {"method": "rpe", "backbone": "bert4rec", **SOFT, "same_target_weight": 0.3},
    {"method": "erl", "same_target_weight": 0.3, "scores": "cosine", "loss": "sampled", "negatives": 30}],
    ids=lambda settings: "-".join(map(str, settings.values())))
def test_the_backends_train_in_lockstep(settings, data):
    config = Config.make(**{**SMALL, "precision": "float32", "dropout": 0.0, "input_dropout": 0.0, "noise": 0.0,
                            "warmup_epochs": 0, **settings})
    plain = config.replaced(soft_targets="none", label_smoothing=0.0, same_target_weight=0.0)
    fittings = [Fitting(one, make_split(data), backend=backend, device="cpu", features=None)
                for one, backend in ((config, "torch"), (config, "numpy"), (plain, "torch"))]
    learners = [fitting.learner for fitting in fittings]
    for learner in learners:
        learner.start_epoch(1)
    for batch in islice(iterate(fittings[0].windows, 200, np.random.default_rng(0)), 3):
        ours, theirs, _ = (learner.train_batch(batch) for learner in learners)
        assert ours == pytest.approx(theirs, rel=1e-4)
    first, second, other = (learner.weights() for learner in learners)
    assert all(first[name] == pytest.approx(second[name], abs=2e-3) for name in first)
    gap, effect = (max(abs(first[name] - one[name]).max() for name in first) for one in (second, other))
    assert effect > 5 * gap, "the settings matter"


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_training_continues_exactly(backend, data):
    """Soft targets follow from the data and the settings, partners from the batch: a checkpoint holds neither."""
    config = Config.make(**SMALL, method="teacher", same_target_weight=0.1)
    whole, stopped, resumed = (Fitting(config, make_split(data), backend=backend, device="cpu", features=None)
                               for _ in range(3))
    losses = [event.loss for event in whole.epoch(2)]
    events = stopped.epoch(2)
    begun = [next(events).loss for _ in range(2)]
    learner = stopped.learner
    resumed.restore(Checkpoint([], learner.weights(), learner.moments(), stopped.inside, learner.random_state()), 2)
    assert begun + [event.loss for event in resumed.epoch(2)] == losses
