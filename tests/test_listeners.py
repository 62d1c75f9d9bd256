"""Listeners hear every event, write it, and say what they lack before anything is trained."""

import json
import sys
from types import ModuleType, SimpleNamespace

import pytest

from minirearec import listeners
from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.events import BatchDone, EpochDone, Finished, RefitEpochDone, Started
from minirearec.listeners import LISTENERS, Listener, check_installed, heard
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from tests.small import SMALL

EVENTS = [Started(0, 2, 100), BatchDone(1, 60, 2.0), BatchDone(1, 100, 1.5),
          EpochDone(1, 1.7, {"NDCG@20": 0.1}, 0.5, 1), Started(0, 1, 120, refit=True),
          BatchDone(1, 120, 1.2), RefitEpochDone(1, 1.2, 0.4), Finished(1, 1, "done")]


@pytest.fixture
def trainer(tmp_path):
    return SimpleNamespace(run=SimpleNamespace(path=tmp_path))


def test_every_listener_hears_every_event_before_it_is_passed_on(trainer, monkeypatch):
    order = []
    for name in ("a", "b"):
        own = Listener(name, "", lambda given, name=name: lambda event: order.append((given is trainer, name, event)))
        monkeypatch.setitem(LISTENERS, name, own)
    for event in heard(EVENTS, trainer, ["a", "b"]):
        assert order[-2:] == [(True, "a", event), (True, "b", event)]
    assert len(order) == 2 * len(EVENTS)


def test_jsonl_holds_every_event_of_a_run_and_of_its_resumption(data, tmp_path):
    config = Config.make(method="base", epochs=2, **SMALL)
    trainer = Trainer(config, data, out=tmp_path / "run", device="cpu")
    for event in heard(trainer.train(), trainer, ["jsonl"]):
        if isinstance(event, EpochDone):
            break
    trainer.keeper.unlock()
    Trainer.resume(Run.open(tmp_path / "run"), data, device="cpu").fit(progress=False, log=["jsonl"])
    found = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    names = [one["event"] for one in found if one["event"] != "BatchDone"]
    assert names == ["Started", "EpochDone", "Started", "EpochDone", "Finished"]
    epochs = [one for one in found if one.pop("event") == "EpochDone"]
    assert epochs == [vars(one) for one in Run.open(tmp_path / "run").read_metrics()]
    assert len(found) - len(names) == 2 * -(-found[0]["positions"] // 200)


def test_a_log_that_cannot_be_written_is_one_message(trainer):
    (trainer.run.path / "events.jsonl").mkdir()
    with pytest.raises(ConfigError, match="events.jsonl: cannot be written"):
        list(heard(EVENTS, trainer, ["jsonl"]))


def test_tensorboard_gets_losses_by_position_and_metrics_by_epoch(trainer, monkeypatch):
    """With a stand-in for the writer, so that the test needs no extra."""
    written = []

    class SummaryWriter:
        def __init__(self, path):
            written.append(path)

        def add_scalar(self, *given):
            written.append(given)

        flush = close = lambda self: written.append("saved")

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(listeners, "find_spec", lambda name: name == "tensorboard")
    assert list(heard(EVENTS, trainer, ["tensorboard"])) == EVENTS
    assert written == [
        str(trainer.run.path / "tensorboard"), ("loss/batch", 2.0, 60), ("loss/batch", 1.5, 100),
        ("loss/epoch", 1.7, 1), ("validation/NDCG@20", 0.1, 1), "saved", ("refit_loss/batch", 1.2, 120),
        ("refit_loss/epoch", 1.2, 1), "saved",
        "saved"]


def test_a_board_that_cannot_be_written_is_one_message(trainer, monkeypatch):
    def refuse(path):
        raise FileExistsError(17, "File exists", path)

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = refuse
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(listeners, "find_spec", lambda name: name == "tensorboard")
    with pytest.raises(ConfigError, match="tensorboard: cannot be written .* resume without --log tensorboard"):
        list(heard(EVENTS, trainer, ["tensorboard"]))


def test_tensorboard_reads_what_was_written(trainer):
    pytest.importorskip("tensorboard", reason="needs the extra tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    list(heard(EVENTS, trainer, ["tensorboard"]))
    read = EventAccumulator(str(trainer.run.path / "tensorboard")).Reload()
    assert [(one.step, one.value) for one in read.Scalars("loss/batch")] == [(60, 2.0), (100, 1.5)]
    assert read.Scalars("validation/NDCG@20")[0].value == pytest.approx(0.1)


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(listeners, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"tensorboard needs the package tensorboard.*pip install 'tensorboard"):
        check_installed(["tensorboard"])
    with pytest.raises(ConfigError, match="unknown listener 'wandb'"):
        check_installed(["wandb"])
    with pytest.raises(ConfigError, match="unknown listener 'wandb'"):
        list(heard(EVENTS, SimpleNamespace(run=None), "wandb"))
    with pytest.raises(ConfigError, match="this trainer keeps none"):
        list(heard(EVENTS, SimpleNamespace(run=None), ["jsonl"]))
