"""Items with features, by an encoder that a test registers: both backends, runs that keep the features, new items."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import minirearec as mr
from minirearec.config import SCORES, Config
from minirearec.data.features.features import Features
from minirearec.engine import make_engine, with_features
from minirearec.errors import ConfigError, RunError
from minirearec.parts import ItemEncoder, Start
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from tests.registered import forget_registered
from tests.small import SMALL, finish, without_time

WIDTH = 5


def starts(config, n_items):
    return {"map": Start((config.feature_width, config.width))}


def item_table(weights, drop=None):
    return weights["item_features"] @ weights["map"]


def item_table_backward(grad_out, weights, drop=None):
    return {"map": weights["item_features"].T @ grad_out}


@pytest.fixture(autouse=True)
def encoder():
    """Register an item encoder that maps features to vectors, for the time of a test."""
    mr.register(ItemEncoder("mapped", "a linear map of the features", starts, needs_features=True,
                            defaults={"scores": "cosine", "temperature": 0.1}),
                torch=item_table, numpy=(item_table, item_table_backward))
    yield
    forget_registered()


@pytest.fixture
def described(data):
    """Return the small data set with features for its items."""
    values = np.random.default_rng(0).standard_normal((data.n_items, WIDTH)).astype(np.float32)
    return replace(data, features=Features(values, "drawn"))


def config(**settings) -> Config:
    return Config.make(items="mapped", **{**SMALL, "epochs": 2, "initial_std": 0.3, "precision": "float32", **settings})


def test_an_encoder_has_defaults_which_options_replace():
    assert config().model.scores == "cosine" and config().objective.temperature == 0.1
    assert config(scores="dot").model.scores == "dot" and Config.make().model.scores == "dot"


def test_an_encoder_without_free_vectors_refuses_with_ids(described):
    with pytest.raises(ConfigError, match="--with-ids: the item encoder mapped adds no free vectors"):
        Trainer(config(with_ids=True), described)


def test_given_features_are_read_as_they_are(described):
    given = (8 * described.features.values).tolist()
    own, features = with_features(config(), described, given)
    assert features.tolist() == given and own.model.feature_width == WIDTH
    with pytest.raises(ConfigError, match="the item encoder id reads no features"):
        Trainer(Config.make(**SMALL), described, features=given)


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("method", ["base", "erl", "prl"])
def test_the_backends_train_the_same_model(described, method, scores):
    one = config(method=method, scores=scores, dropout=0.0, input_dropout=0.0, noise=0.0, contrast="seen")
    trainers = [Trainer(one, described, backend=backend) for backend in ("torch", "numpy")]
    losses = [[event.loss for event in finish(trainer) if isinstance(event, mr.EpochDone)] for trainer in trainers]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    first, second = (trainer.evaluate().metrics() for trainer in trainers)
    assert first == pytest.approx(second, abs=0.02)


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_a_run_keeps_its_features_and_resumes_with_them(described, backend, tmp_path):
    whole = Trainer(config(), described, backend=backend, out=tmp_path / "whole")
    events = finish(whole)
    run = Run.open(tmp_path / "whole")
    assert run.config.model.feature_width == WIDTH
    assert np.array_equal(run.read_features(), described.features.values)
    assert sorted(run.load_tensors("best")[0]) == sorted(whole.learner.weights()), "features are no weights"

    stopped = Trainer(config(), described, backend=backend, out=tmp_path / "stopped")
    training = stopped.train()
    for event in training:
        if isinstance(event, mr.EpochDone):
            break
    training.close()
    bare = replace(described, features=None)  # the run has its own
    resumed = Trainer.resume(Run.open(tmp_path / "stopped"), bare)
    assert without_time(finish(resumed))[1:] == without_time(events)[2:]
    here = resumed.recommender().recommend(described.item_ids[:2].tolist())
    again = mr.Recommender.load(tmp_path / "stopped").recommend(described.item_ids[:2].tolist())
    assert str(here) == str(again)


@pytest.mark.parametrize("scores", SCORES)
def test_scores_are_dot_products_or_cosines(described, scores):
    one, features = with_features(config(scores=scores, steps=1), described)
    weights = {name: np.random.default_rng(1).standard_normal(start.shape).astype(np.float32)
               for name, start in mr.weights.starts_of(one, described.n_items).items()}
    table, history = features @ weights["map"], np.array([3, 4], np.int32)
    if scores == "cosine":
        table = table / np.linalg.norm(table, axis=1, keepdims=True)
    for backend in ("torch", "numpy"):
        own = {name: value.copy() for name, value in weights.items()}
        engine = make_engine(one, described.n_items, own, backend, features=features)
        states = engine.states_of_one(history)
        lengths = np.linalg.norm(np.asarray(states)[0], axis=1)
        assert lengths == pytest.approx(np.ones(2), abs=1e-5) or scores == "dot"
        assert engine.scores(states[:, 1]) == pytest.approx(np.asarray(states[:, 1]) @ table.T, abs=1e-4)
        with torch.no_grad():
            engine.load_weights({**weights, "map": 2 * weights["map"]})
        assert engine.scores(states[:, 1]) == pytest.approx(
            np.asarray(states[:, 1]) @ table.T * (1 if scores == "cosine" else 2), abs=1e-4), "the new vectors"


def test_data_without_features_and_features_that_changed_are_refused(described, tmp_path):
    with pytest.raises(ConfigError, match="mapped needs features of the items.* has none.*data features"):
        Trainer(config(), replace(described, features=None))
    titled = replace(described, features=None, titles=np.array(["a film"] * described.n_items))
    for data, says in ((titled, r" beauty-sim\. If"), (replace(titled, titles=None), r"--from FILE\.npy\. If")):
        with pytest.raises(ConfigError, match=says):
            Trainer(config(), data)
    finish(Trainer(config(epochs=1), described, out=tmp_path / "run"))
    path = tmp_path / "run" / "features.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="is damaged: its content is not what was written"):
        mr.Recommender.load(tmp_path / "run")
    path.unlink()
    with pytest.raises(RunError, match="features.safetensors"):
        mr.Recommender.load(tmp_path / "run")


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_an_item_that_training_never_saw_is_not_pushed_down(data, backend):
    """Nobody has the last item. Its free vector moves if all items are contrasted, and stays if the seen ones are."""
    more = replace(data, item_ids=np.append(data.item_ids, data.item_ids[-1] + 1))
    moved = {}
    for contrast in ("all", "seen"):
        trainer = Trainer(Config.make(contrast=contrast, **SMALL, epochs=1, weight_decay=0.0), more, backend=backend)
        before = trainer.learner.weights()["item_embedding"][-1].copy()
        finish(trainer)
        moved[contrast] = np.abs(trainer.learner.weights()["item_embedding"][-1] - before).max()
    assert moved["seen"] == 0 < moved["all"]
