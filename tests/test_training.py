"""The training loop: all methods learn, seeds repeat a run, resumed runs end exactly the same, early stopping works."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.count_models import COUNTS
from minirearec.counts.scorer import CountScorer
from minirearec.data import read_sequences
from minirearec.data.sequences import GivenSplit, Rows, SplitKind
from minirearec.data.splits import with_validation
from minirearec.errors import ConfigError, EvaluationError
from minirearec.evaluation.full_ranking import evaluate
from minirearec.fitting import Fitting
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.training import BatchDone, EpochDone, Finished, RefitEpochDone, Started, Trainer
from tests.small import SMALL, finish, without_time


@pytest.mark.parametrize("method, backbone", [(name, "sasrec") for name, method in METHODS.items() if method.neural]
                         + [("prl", "bert4rec")])
def test_every_method_learns_a_rule(method, backbone, tmp_path):
    """Users walk around a circle of 40 items, so the last item alone determines the next one."""
    walks = [[(start + step) % 40 + 1 for step in range(7)] for start in range(40) for _ in range(3)]
    path = tmp_path / "circle.txt"
    path.write_text("\n".join(f"{user} {' '.join(map(str, walk))}" for user, walk in enumerate(walks, 1)))
    trainer = Trainer(Config.make(method=method, backbone=backbone, epochs=30, **SMALL), read_sequences(path))
    events = finish(trainer)
    assert [type(event) for event in events] == [Started] + [EpochDone] * (len(events) - 2) + [Finished]
    assert trainer.evaluate("test").metrics()["NDCG@10"] > 0.9


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("method", ["erl", "prl"])
def test_zero_steps_reduce_to_the_base(method, backbone, data):
    """With K = 0, the run is exactly that of the base model: the same losses, metrics and results."""
    base, other = (Trainer(Config.make(method=name, backbone=backbone, steps=0, epochs=3, **SMALL), data)
                   for name in ("base", method))
    assert without_time(finish(base)) == without_time(finish(other))
    assert base.evaluate().to_dict() == other.evaluate().to_dict()


def test_a_seed_repeats_a_run_and_another_does_not(data):
    runs = [without_time(finish(Trainer(Config.make(epochs=2, seed=seed, **SMALL), data))) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("backbone, positions", [("bert4rec", "absolute"), ("bert4rec", "recency"),
                                                 ("bert4rec", "relative"), ("sasrec", "recency"),
                                                 ("sasrec", "relative")])
def test_both_backends_train_the_same_model(backbone, positions, data):
    config = Config.make(method="prl", epochs=2, backbone=backbone, positions=positions, **SMALL, dropout=0.0,
                         input_dropout=0.0, noise=0.0, precision="float32")
    trainers = [Trainer(config, data, backend=backend) for backend in ("torch", "numpy")]
    losses = [[event.loss for event in finish(trainer) if isinstance(event, EpochDone)] for trainer in trainers]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0][1] != losses[0][0]
    first, second = (trainer.evaluate().metrics() for trainer in trainers)
    assert first == pytest.approx(second, abs=0.01)


@pytest.mark.parametrize("interrupt_after", ["no epoch", "an epoch", "the middle of an epoch"])
def test_a_resumed_run_ends_as_if_it_had_never_stopped(interrupt_after, data, tmp_path):
    config = Config.make(epochs=4, **SMALL)
    whole = Trainer(config, data, out=tmp_path / "whole")
    finish(whole)

    stopped = Trainer(config, data, out=tmp_path / "stopped")
    for event in stopped.train():
        if interrupt_after == "no epoch" and isinstance(event, BatchDone):
            break
        if interrupt_after == "an epoch" and isinstance(event, EpochDone) and event.epoch == 2:
            break
        if interrupt_after == "the middle of an epoch" and isinstance(event, BatchDone) and event.epoch == 3:
            break
    resumed = Trainer.resume(Run.open(tmp_path / "stopped"), data)
    assert len(resumed.epochs) == {"no epoch": 0}.get(interrupt_after, 2)
    finish(resumed)
    assert without_time(resumed.epochs) == without_time(whole.epochs)
    assert resumed.evaluate().to_dict() == whole.evaluate().to_dict()
    for name, value in whole.engine.weights().items():
        assert np.array_equal(value, resumed.engine.weights()[name])


def test_training_stops_early_and_keeps_the_best_epoch(data, tmp_path):
    trainer = Trainer(Config.make(method="base", epochs=60, patience=2, **{**SMALL, "learning_rate": 0.05}), data,
                      out=tmp_path / "run")
    *_, last = trainer.train()
    assert last.epochs == last.best_epoch + 2 < 60
    assert last.reason == "2 epochs without a better validation NDCG@20"
    best = trainer.epochs[last.best_epoch - 1].metrics
    assert best["NDCG@20"] == max(epoch.metrics["NDCG@20"] for epoch in trainer.epochs)
    assert trainer.evaluate("valid").metrics() == best
    opened, trained = load_scorer(Run.open(tmp_path / "run")).engine.weights(), trainer.engine.weights()
    assert opened.keys() == trained.keys()
    assert all(np.array_equal(opened[name], trained[name]) for name in trained)


def test_validation_may_rank_some_of_the_targets(data):
    trainer = Trainer(Config.make(method="base", epochs=2, validation_targets=30, **SMALL), data)
    *_, last, _ = finish(trainer)
    rows = [trainer.split.valid.some(30), trainer.split.valid.some(30)]
    assert np.array_equal(rows[0].user, rows[1].user) and len(np.unique(rows[0].user)) == 30
    part = replace(trainer.split, valid=rows[0])
    best = trainer.epochs[last.best_epoch - 1]
    assert evaluate(trainer.scorer, part, "valid").metrics() == best.metrics != trainer.evaluate("valid").metrics()
    assert trainer.evaluate("test").users == data.n_users, "the test part is always ranked in full"
    assert len(trainer.split.valid.some(0)) == len(trainer.split.valid.some(10**6)) == data.n_users


def test_a_diverged_model_is_an_error_and_the_run_stays_whole(data, tmp_path):
    config = Config.make(method="base", epochs=3, **SMALL)
    trainer = Trainer(config, data, out=tmp_path / "run")
    with pytest.raises(EvaluationError, match="loss of epoch 2 is (nan|inf).*--learning-rate"):
        for event in trainer.train():
            if isinstance(event, EpochDone):
                trainer.engine.load_weights({name: value * 1e30 for name, value in trainer.engine.weights().items()})
    assert len(Trainer.resume(Run.open(tmp_path / "run"), data).epochs) == 1


@pytest.mark.parametrize("method", ["erl", "counts"])
def test_an_untrained_model_is_neither_evaluated_nor_used(method, data):
    trainer = Trainer(Config.make(method=method), data)
    trainer.train()  # without a loop
    for use in (trainer.evaluate, trainer.recommender):
        with pytest.raises(ConfigError, match=r"has not been trained yet. Call fit\(\) first, or loop over train\(\)"):
            use()


REFIT = {"method": "erl", "steps": 1, "epochs": 4, "refit": True, **SMALL}


def test_a_refit_is_the_same_training_on_train_and_validation(data, tmp_path):
    config = Config.make(**REFIT)
    search, trainer = Trainer(config.replaced(refit=False), data), Trainer(config, data, out=tmp_path / "run")
    first, events = finish(search), finish(trainer)
    best = search.best.epoch
    assert [type(event) for event in events] == [Started, *[EpochDone] * 4, Started, *[RefitEpochDone] * best, Finished]
    assert without_time(events[:5]) == without_time(first[:5]), "the search is that of a run without a refit"
    assert events[5] == Started(0, best, with_validation(trainer.split).positions, refit=True)

    again = Fitting(trainer.config, with_validation(trainer.split), backend="torch", device="auto", features=None)
    for epoch in range(1, best + 1):
        assert len(list(again.epoch(epoch))) > 1
        assert again.end_epoch() == trainer.refitted[epoch - 1].loss
    run = Run.open(tmp_path / "run")
    for expected, part in ((search.learner, "valid"), (again.learner, "test"), (trainer.learner, "test")):
        found = load_scorer(run, part=part).engine.weights()
        assert all(np.array_equal(found[name], value) for name, value in expected.weights().items())
    evaluation = trainer.evaluate()
    assert evaluation.to_dict() == evaluate(load_scorer(run), trainer.refit_split).to_dict()
    results = trainer.results(evaluation)
    assert (results["fitted_on"], results["best_epoch"], results["epochs"]) == ("train and validation", best, 4)
    assert results["validation"] == search.best.metrics and search.results(search.evaluate())["fitted_on"] == "train"
    with pytest.raises(EvaluationError, match="a refit trains on the validation part, so it cannot evaluate the model"):
        trainer.evaluate("valid")


@pytest.mark.parametrize("counts", COUNTS)
def test_counts_are_refitted_too(counts, data, tmp_path):
    settings = Config.make(method="counts", counts=counts, refit=True)
    trainer = Trainer(settings, data, out=tmp_path / "run")
    finish(trainer)
    run = Run.open(tmp_path / "run")
    for part, split in (("valid", trainer.split), ("test", with_validation(trainer.split))):
        found, expected = load_scorer(run, part=part), CountScorer.fit(split, settings.counting)
        assert all(np.array_equal(found.weights()[name], value) for name, value in expected.weights().items())
    assert trainer.evaluate().to_dict() == evaluate(load_scorer(run), trainer.refit_split).to_dict()


def test_a_split_that_allows_no_refit_is_refused_before_there_is_a_run(data, tmp_path):
    users = np.arange(data.n_users)
    lengths = np.diff(data.offsets)
    given = GivenSplit(SplitKind.CUSTOM, "test before validation", lengths - 2, np.ones(data.n_interactions, bool),
                       Rows(users, lengths - 1), Rows(users, lengths - 2))
    with pytest.raises(ConfigError, match="--refit: a test target of user .* comes before a validation target"):
        Trainer(Config.make(**REFIT), replace(data, given=given), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_finished_run_that_is_resumed_has_its_best_weights(data, tmp_path):
    trainer = Trainer(Config.make(epochs=20, patience=2, **SMALL), data, out=tmp_path / "run").fit(progress=False)
    assert trainer.best.epoch < len(trainer.epochs)
    again = Trainer.resume(trainer.run, data)
    assert again.evaluate("test").to_dict() == trainer.evaluate("test").to_dict()


def test_an_unfinished_refit_is_not_evaluated_and_continues_after_an_interruption(data, monkeypatch):
    config = Config.make(method="base", epochs=2, refit=True, **SMALL)
    whole, trainer = Trainer(config, data).fit(progress=False), Trainer(config, data)
    with monkeypatch.context() as patched:
        patched.setattr(trainer, "_make_fitting", lambda *_: pytest.fail("interrupted"))
        with pytest.raises(pytest.fail.Exception):
            finish(trainer)
    for event in trainer.train():
        if isinstance(event, BatchDone):
            break
    for ask in (trainer.evaluate, trainer.recommender):
        with pytest.raises(ConfigError, match="the refit has not finished"):
            ask()
    assert trainer.fit(progress=False).evaluate().to_dict() == whole.evaluate().to_dict()
