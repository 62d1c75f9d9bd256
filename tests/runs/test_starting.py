"""Weights of another run as a start: items keep their vectors under their ids, everything else is as without it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.data import load
from minirearec.data.features.features import Features
from minirearec.engine import with_features
from minirearec.errors import RunError
from minirearec.runs.directory import Run
from minirearec.runs.starting import known_items, starting_config, starting_features, starting_weights
from minirearec.training import Trainer
from tests.small import SMALL

OLD = load([["b", "d", "f", "b"], ["d", "f", "h"], ["f", "b", "d"]])
MORE = load([["a", "b", "c", "d"], ["d", "f", "e"], ["f", "a", "h"]])
CONFIG = Config.make(method="erl", steps=1, epochs=1, **SMALL)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    trainer = Trainer(CONFIG, OLD, out=tmp_path_factory.mktemp("runs") / "run").fit(progress=False)
    return trainer.run


def test_items_keep_their_vectors_and_new_ones_start_as_usual(run):
    stored, _ = run.load_tensors("best")
    weights = starting_weights(run, CONFIG, MORE)
    fresh = Trainer(CONFIG, MORE).learner.weights()
    for row, item in enumerate(MORE.item_ids.tolist()):
        known = np.flatnonzero(OLD.item_ids == item)
        expected = stored["item_embedding"][known[0]] if len(known) else fresh["item_embedding"][row]
        np.testing.assert_array_equal(weights["item_embedding"][row], expected)
    assert all((weights[name] == stored[name]).all() for name in stored if name != "item_embedding")
    trainer = Trainer(CONFIG, MORE, weights=weights)
    assert all((value == weights[name]).all() for name, value in trainer.learner.weights().items())


def test_more_steps_start_as_usual_and_another_width_is_refused(run):
    base = Config.make(method="base", epochs=1, **SMALL)
    assert "reasoning_embedding" not in starting_weights(run, base, MORE)
    with pytest.raises(RunError, match="the weights do not fit the settings: .*Choose the settings of the run"):
        starting_weights(run, CONFIG.replaced(width=8), OLD)
    with pytest.raises(RunError, match="knows no item of data set histories"):
        starting_weights(run, CONFIG, load([[1, 2, 3]]))


def test_a_resumed_run_and_its_refit_start_from_the_same_weights(run, tmp_path):
    config = CONFIG.replaced(refit=True)
    weights = starting_weights(run, config, OLD)
    whole = Trainer(config, OLD, weights=weights).fit(progress=False)
    Trainer(config, OLD, weights=weights, out=tmp_path / "run").keeper.unlock()  # stopped before its first checkpoint
    resumed = Trainer.resume(Run.open(tmp_path / "run"), OLD)
    assert all((resumed.learner.weights()[name] == value).all() for name, value in weights.items())
    resumed.fit(progress=False)
    assert all((resumed.learner.weights()[name] == value).all() for name, value in whole.learner.weights().items())
    other = Trainer(config, OLD).fit(progress=False).learner.weights()
    assert any((other[name] != value).any() for name, value in whole.learner.weights().items())


def described(data, values):
    return replace(data, features=Features(np.asarray(values, np.float32), "given"))


def test_weights_of_features_start_only_where_the_items_have_the_same_features(tmp_path):
    config = CONFIG.replaced(items="morec")
    before, more = (np.random.default_rng(0).standard_normal((one.n_items, 3)) for one in (OLD, MORE))
    common = [(row, *np.flatnonzero(MORE.item_ids == item)) for row, item in enumerate(OLD.item_ids)
              if item in MORE.item_ids]
    for old, new in common:
        more[new] = before[old]
    older = Trainer(config, described(OLD, before), out=tmp_path / "run").fit(progress=False).run
    stored, _ = older.load_tensors("best")
    weights = starting_weights(older, config, described(MORE, more))
    assert all((weights[name] == stored[name]).all() for name in stored)
    more[common[0][1]] += 0.1
    changed = f"has changed for 1 of the {len(common)} items that both know.*Make the same ones again"
    with pytest.raises(RunError, match=changed):
        starting_features(older, config, described(MORE, more))
    with pytest.raises(RunError, match="trained with features 3 wide; those of data set histories are now 2 wide"):
        starting_features(older, config, described(MORE, more[:, :2]))


def test_a_model_of_features_starts_from_one_without(run):
    config, data = CONFIG.replaced(items="morec"), described(OLD, np.eye(OLD.n_items, 3))
    weights = starting_weights(run, config, data)
    assert (weights["position_embedding"] == run.load_tensors("best")[0]["position_embedding"]).all()
    Trainer(config, data, weights=weights)


def test_features_keep_the_scale_that_the_weights_know(tmp_path):
    """Large new items change the root mean square, and so the power of two that features get by themselves."""
    config = CONFIG.replaced(items="morec")
    before = np.random.default_rng(0).standard_normal((OLD.n_items, 3)).astype(np.float32)
    before *= np.float32(2 ** 0.45 / np.square(before).mean() ** 0.5)
    older = Trainer(config, described(OLD, before), out=tmp_path / "run").fit(progress=False).run
    more = np.full((MORE.n_items, 3), 50, np.float32)
    new, old = known_items(older, MORE)
    more[new] = before[old]
    data = described(MORE, more)
    assert not np.array_equal(with_features(config, data)[1], more), "the case that this test is about"
    features = starting_features(older, config, data)
    np.testing.assert_array_equal(features[new], older.read_features()[old])
    trainer = Trainer(config, data, features=features, weights=starting_weights(older, config, data),
                      out=tmp_path / "newer")
    trainer.keeper.unlock()
    np.testing.assert_array_equal(trainer.run.read_features(), features)
    assert Trainer.resume(trainer.run, data).learner.weights().keys() == trainer.learner.weights().keys()


def test_counts_are_no_start(tmp_path):
    counting = Trainer(Config.make(method="counts"), OLD, out=tmp_path / "run").fit(progress=False).run
    with pytest.raises(RunError, match="only counts, so it has no weights"):
        starting_weights(counting, CONFIG, OLD)


def test_counts_do_not_start_from_weights(run):
    with pytest.raises(RunError, match="the method counts has no weights that could start from it"):
        starting_weights(run, Config.make(method="counts"), OLD)


@pytest.mark.parametrize("before, given, expected", [
    ({"method": "base"}, {"method": "erl"}, {"steps": 2}),
    ({"method": "base"}, {"method": "erl", "steps": 1}, {"steps": 1}),
    ({"method": "erl", "steps": 3}, {"method": "prl"}, {"steps": 3}),
    ({"method": "erl"}, {"method": "base"}, {"steps": 0}),
    ({"method": "base"}, {"method": "teacher"}, {"soft_targets": "counts", "soft_weight": 1.0, "steps": 2}),
    ({"method": "teacher"}, {"method": "erl"}, {"soft_targets": "none", "soft_weight": 0.2}),
    ({"items": "id"}, {"items": "unisrec"}, {"contrast": "seen"}),
    ({"items": "morec"}, {"items": "unisrec"}, {"contrast": "seen"}),
    ({"items": "morec", "contrast": "all"}, {"items": "unisrec"}, {"contrast": "all"}),
    ({"items": "morec"}, {"items": "id"}, {"contrast": "all"})])
def test_a_new_choice_brings_its_defaults(before, given, expected, tmp_path):
    run = SimpleNamespace(config=Config.make(**before, width=8, heads=2))
    sections = starting_config(run, given).to_dict().values()
    flat = {name: value for section in sections for name, value in section.items()}
    assert {name: flat[name] for name in expected} == expected and flat["width"] == 8
