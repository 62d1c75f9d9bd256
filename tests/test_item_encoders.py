"""UniSRec's and MoRec's item encoders in whole runs: with every method, both backends, and the id table beside them."""

from dataclasses import replace

import numpy as np
import pytest

import minirearec as mr
from minirearec.config import Config
from minirearec.data import beauty_sim
from minirearec.data.features.features import Features
from minirearec.export import serve
from minirearec.export.as_numpy import export_numpy
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from tests.small import SMALL, finish, without_time

ENCODERS = {"id": {"items": "id"}, "unisrec": {"items": "unisrec"}, "morec": {"items": "morec"},
            "unisrec+ids": {"items": "unisrec", "with_ids": True},
            "morec+ids": {"items": "morec", "with_ids": True, "projection_layers": 1},
            "bert4rec, unisrec+ids": {"backbone": "bert4rec", "items": "unisrec", "with_ids": True},
            "bert4rec, morec": {"backbone": "bert4rec", "items": "morec"}}
WITH_FEATURES = [name for name in ENCODERS if name != "id"]
WITHOUT_DRAWS = {"dropout": 0.0, "input_dropout": 0.0, "adaptor_dropout": 0.0, "noise": 0.0}


@pytest.fixture(scope="module")
def described():
    """Return a very small data set whose items have features, except the first."""
    data = beauty_sim(users=60, items=40, interactions=480)
    values = np.random.default_rng(0).standard_normal((data.n_items, 6)).astype(np.float32)
    values[0] = 0
    return replace(data, features=Features(values, "drawn"))


def config(encoder: str, **settings) -> Config:
    return Config.make(**{**SMALL, "epochs": 2, "initial_std": 0.3, "precision": "float32", "batch_positions": 100,
                          "experts": 3, "max_length": 8, "warmup_epochs": 0, **ENCODERS[encoder], **settings})


def losses(events) -> list[float]:
    return [event.loss for event in events if isinstance(event, mr.EpochDone)]


@pytest.mark.parametrize("backend", ["torch", "numpy"])
@pytest.mark.parametrize("method", ["base", "naive", "rpe", "erl", "prl"])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_combination_trains_resumes_evaluates_recommends_and_is_exported(described, encoder, method, backend,
                                                                               tmp_path):
    one = config(encoder, method=method)
    whole = finish(Trainer(one, described, backend=backend))
    first, second = losses(whole)
    assert second < first
    stopped = Trainer(one, described, backend=backend, out=tmp_path / "run")
    training = stopped.train()
    next(event for event in training if isinstance(event, mr.EpochDone))
    training.close()
    resumed = Trainer.resume(Run.open(tmp_path / "run"), described)
    assert without_time(finish(resumed))[1:] == without_time(whole)[2:]
    assert 0 < resumed.evaluate().metrics()["Recall@10"] <= 1

    history = described.item_ids[:3].tolist()
    model = mr.Recommender.load(tmp_path / "run", backend=backend)
    answer = next(row for row in model.recommend(history, k=40) if row.row == model.answer)
    page = serve.load(export_numpy(Run.open(tmp_path / "run"), tmp_path / "page") / "model.safetensors")
    found = serve.recommend(*page, history, 40)
    assert [score for _, score, _ in found] == pytest.approx(answer.scores, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("method", ["base", "erl", "prl"])
@pytest.mark.parametrize("encoder", WITH_FEATURES)
def test_without_draws_both_backends_train_the_same_model(described, encoder, method):
    one = config(encoder, method=method, epochs=3, **WITHOUT_DRAWS)
    in_torch, in_numpy = (losses(finish(Trainer(one, described, backend=name))) for name in ("torch", "numpy"))
    assert in_torch == pytest.approx(in_numpy, rel=1e-4)


@pytest.mark.parametrize("encoder", WITH_FEATURES)
def test_without_steps_every_method_is_the_base(described, encoder):
    """Losses are those of the base, up to the weight of PRL's and ERL's terms, which vanish."""
    expected = losses(finish(Trainer(config(encoder, method="base"), described)))
    for method in ("naive", "rpe", "erl", "prl"):
        assert losses(finish(Trainer(config(encoder, method=method, steps=0), described))) == expected


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_dropout_of_the_encoder_alone_changes_training(described, backend):
    """The gate's noise alone comes with it, and both follow the seed."""
    quiet = config("unisrec", method="base", **WITHOUT_DRAWS)
    found = [losses(finish(Trainer(quiet.replaced(adaptor_dropout=rate), described, backend=backend)))
             for rate in (0.0, 1e-6, 0.5, 0.5)]
    assert found[0] != found[1] != found[2] == found[3]


def test_an_item_without_features_can_be_trained_by_cosine(described):
    """Its vector begins at 0, where a cosine has no direction."""
    trainer = Trainer(config("unisrec+ids", scores="cosine", temperature=0.1, epochs=6), described)
    first, *_, last = losses(finish(trainer))
    weights = trainer.learner.weights()
    assert last < first and all(np.isfinite(value).all() for value in weights.values())
    assert 0 < np.abs(weights["item_embedding"][0]).max() < 1
