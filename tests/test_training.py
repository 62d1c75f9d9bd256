"""The loop: all methods learn, seeds repeat, a run resumes to the very same end, early stopping."""

import json

import numpy as np
import pytest

from minirearec.config import METHODS, Config
from minirearec.data import beauty_sim, read_sequences
from minirearec.runs.opening import load_scorer
from minirearec.errors import ConfigError, EvaluationError, RunError
from minirearec.recommender import Recommender
from minirearec.runs.directory import Run
from minirearec.training import BatchDone, EpochDone, Finished, Started, Trainer

SMALL = {"width": 16, "inner_width": 16, "layers": 1, "batch_positions": 200, "learning_rate": 0.005,
         "warmup_epochs": 1}


@pytest.fixture(scope="module")
def data():
    return beauty_sim(users=200, items=80, interactions=1600)


def finish(trainer):
    """All events but the batches."""
    return [event for event in trainer.train() if not isinstance(event, BatchDone)]


def without_time(events):
    return [{**vars(event), "seconds": 0} for event in events]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "counts"])
def test_every_method_learns_a_rule(method, tmp_path):
    """Users walk round a circle of 40 items: what comes next follows from the last item alone."""
    walks = [[(start + step) % 40 + 1 for step in range(7)] for start in range(40) for _ in range(3)]
    path = tmp_path / "circle.txt"
    path.write_text("\n".join(f"{user} {' '.join(map(str, walk))}" for user, walk in enumerate(walks, 1)))
    trainer = Trainer(Config.make(method=method, epochs=30, **SMALL), read_sequences(path))
    events = finish(trainer)
    assert [type(event) for event in events] == [Started] + [EpochDone] * (len(events) - 2) + [Finished]
    assert trainer.evaluate("test").metrics()["NDCG@10"] > 0.9


@pytest.mark.parametrize("method", ["erl", "prl"])
def test_zero_steps_reduce_to_the_base(method, data):
    """K = 0 gives exactly the base model's run: the same losses, metrics and results."""
    base, other = (Trainer(Config.make(method=name, steps=0, epochs=3, **SMALL), data) for name in ("base", method))
    assert without_time(finish(base)) == without_time(finish(other))
    assert base.evaluate().to_dict() == other.evaluate().to_dict()


def test_a_seed_repeats_a_run_and_another_does_not(data):
    runs = [without_time(finish(Trainer(Config.make(epochs=2, seed=seed, **SMALL), data))) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


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


def test_a_run_directory_holds_what_it_says(data, tmp_path):
    trainer = Trainer(Config.make(epochs=2, seed=3, **SMALL), data, out=tmp_path / "run", command="minirearec train")
    finish(trainer)
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"config.toml", "env.json", "metrics.jsonl", "items.json", "best.safetensors", "last.safetensors"}
    run = Run.open(tmp_path / "run")
    assert run.config == trainer.config and run.data.sha256 == data.sha256 and run.data.synthetic
    assert [line["epoch"] for line in run.read_metrics(EpochDone)] == [1, 2]
    env = json.loads((tmp_path / "run" / "env.json").read_text())
    assert env["seed"] == 3 and env["data_sha256"] == data.sha256 and env["command"] == "minirearec train"
    assert env["versions"]["torch"] and env["cores"] >= 1
    with pytest.raises(RunError, match="there is a run here already.*--resume"):
        Trainer(trainer.config, data, out=tmp_path / "run")


def test_resuming_with_other_data_is_refused(data, tmp_path):
    finish(Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run"))
    other = beauty_sim(seed=1, users=200, items=80, interactions=1600)
    with pytest.raises(RunError, match="trained on data with sha256"):
        Trainer.resume(Run.open(tmp_path / "run"), other)


def test_a_diverged_model_is_an_error_and_the_run_stays_whole(data, tmp_path):
    config = Config.make(method="base", epochs=3, **SMALL)
    trainer = Trainer(config, data, out=tmp_path / "run")
    with pytest.raises(EvaluationError, match="loss of epoch 2 is nan.*--learning-rate"):
        for event in trainer.train():
            if isinstance(event, EpochDone):
                trainer.engine.load_weights({name: value * np.nan for name, value in trainer.engine.weights().items()})
    assert len(Trainer.resume(Run.open(tmp_path / "run"), data).epochs) == 1


def test_a_full_disk_loses_nothing(data, tmp_path, monkeypatch):
    trainer = Trainer(Config.make(epochs=3, **SMALL), data, out=tmp_path / "run")
    events = trainer.train()
    while not isinstance(next(events), EpochDone):
        pass
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RunError, match="cannot write this file .No space left on device.*--resume"):
        list(events)
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    monkeypatch.undo()
    finish(Trainer.resume(Run.open(tmp_path / "run"), data))


@pytest.mark.parametrize("name, damage, message", [
    ("config.toml", lambda text: text.replace(b"format = 1", b"format = 99"), "format 99, this version reads 1"),
    ("config.toml", lambda text: text[:40] + b"\xff", "not readable as TOML"),
    ("config.toml", lambda text: text.replace(b"[training]", b"[trainings]"), "incomplete"),
    ("config.toml", lambda text: text.replace(b"width = 16", b"width = 0"), "--width: 0 is out of range"),
    ("config.toml", lambda text: text.replace(b"width = 16", b"width = 18"), "weights do not fit the settings"),
    ("config.toml", None, "config.toml is missing"),
    ("best.safetensors", None, "best.safetensors is missing"),
    ("best.safetensors", lambda content: content[:100], "not readable as safetensors"),
])
def test_a_damaged_run_says_what_is_wrong(name, damage, message, data, tmp_path):
    finish(Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run"))
    path = tmp_path / "run" / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RunError, match=message):
        load_scorer(Run.open(tmp_path / "run"))


def test_a_missing_run_and_an_unwritable_place(data, tmp_path):
    with pytest.raises(RunError, match="no such run directory"):
        Run.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot make this directory"):
        Trainer(Config.make(**SMALL), data, out=tmp_path / "file" / "run")


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
    for found, state in zip(lists, [*states, states.mean(0)]):
        assert len(found.items) == data.n_items - len(set(history)) and not set(found.items) & set(history)
        assert found.scores == sorted(found.scores, reverse=True)
        indices = data.item_indices(found.items)
        assert found.scores == pytest.approx((table @ state)[indices].tolist(), rel=1e-5)
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
