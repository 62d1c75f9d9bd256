"""A trained model as an object: it recommends the items with the best scores, and a loaded run does the same."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.errors import ConfigError, EvaluationError
from minirearec.recommender import Recommender
from minirearec.training import Trainer
from tests.small import SMALL, finish


def test_recommendations_are_the_best_scored_unseen_items(data):
    trainer = Trainer(Config.make(method="erl", epochs=2, **SMALL), data)
    finish(trainer)
    recommender = trainer.recommender()
    history = recommender.history_of(data.user_ids[7])
    lists = recommender.recommend(history, k=80)
    assert [found.row for found in lists] == ["step 0", "step 1", "step 2", "mean of steps"]
    assert recommender.answer == "mean of steps"
    states = trainer.engine.states(data.item_indices(history)[None], np.array([len(history)]))[0].numpy()
    table = trainer.engine.weights()["item_embedding"]
    for found, state in zip(lists, [*states, states.mean(0)], strict=True):
        assert len(found.items) == data.n_items - len(set(history)) and not set(found.items) & set(history)
        assert found.scores == sorted(found.scores, reverse=True)
        indices = data.item_indices(found.items)
        assert found.scores == pytest.approx((table @ state)[indices].tolist(), rel=1e-5, abs=1e-7)
    assert set(history) & set(recommender.recommend(history, k=80, keep_seen=True)[0].items)
    with pytest.raises(ConfigError, match="at least 1"):
        recommender.recommend(history, k=0)


def test_a_loaded_run_recommends_the_same(tmp_path):
    lines = ["1 1 2 3 4 5", "2 2 3 4 1 5", "3 5 4 3 2 1", "4 1 3 5 2 4"]
    (tmp_path / "own.txt").write_text("\n".join(lines))
    from minirearec.data import load

    data = load(str(tmp_path / "own.txt"))
    for method in ("prl", "counts"):
        trainer = Trainer(Config.make(method=method, epochs=1, **{**SMALL, "width": 8}), data, out=tmp_path / method)
        finish(trainer)
        loaded = Recommender.load(tmp_path / method)
        assert loaded.recommend([1, 2], k=3) == trainer.recommender().recommend([1, 2], k=3)


def test_scores_that_are_not_finite_are_no_recommendation(data, monkeypatch):
    trainer = Trainer(Config.make(method="base", epochs=1, **SMALL), data).fit(progress=False)
    monkeypatch.setattr(trainer.scorer, "scores", lambda states, row: np.full((1, data.n_items), np.nan))
    with pytest.raises(EvaluationError, match="the scores of step 0 are not all finite numbers"):
        trainer.recommender().recommend([data.item_ids[0]])


def test_a_user_stands_for_their_history(data):
    model = Trainer(Config.make(method="counts"), data).fit(progress=False).recommender()
    user = int(data.user_ids[3])
    assert model.recommend(user=user) == model.recommend(user=str(user)) == model.recommend(model.history_of(user))
    for wrong in ({}, {"history": [1], "user": 1}):
        with pytest.raises(ConfigError, match="give either a history or a user"):
            model.recommend(**wrong)
