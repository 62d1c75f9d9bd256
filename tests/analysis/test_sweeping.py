"""A sweep that is stopped trains nothing twice and ends in the same table."""

import sys
from types import SimpleNamespace

import pytest

from minirearec.analysis.grids import grid
from minirearec.analysis.sweeping import Sweep, folder_of, name_of
from minirearec.analysis.trials import TrialDone
from minirearec.errors import ConfigError, RunError
from minirearec.events import EpochDone
from tests.small import SMALL, finish

SETTINGS = {**SMALL, "epochs": 2, "method": "prl"}
POINTS = grid({"alpha": [1.0, 1.5], "steps": [1]})


def make(data, out, **changed):
    return Sweep(data, POINTS, out, seeds=2, settings={**SETTINGS, **changed}, device="cpu")


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    sweep = make(data, tmp_path_factory.mktemp("sweep"))
    done = [event for event in sweep.train() if isinstance(event, TrialDone)]
    assert [event.number for event in done] == [1, 2, 3, 4] and all(event.trained for event in done)
    return sweep


def test_stopped_inside_a_run_and_started_again(whole, data, tmp_path):
    for event in make(data, tmp_path).train():  # stop inside the second run, after an epoch
        if not isinstance(event, TrialDone) and event[0].path.name == "alpha-1.5-steps-1-seed0" \
                and isinstance(event[1], EpochDone):
            break
    again = make(data, tmp_path)
    assert len(again.missing()) == 3
    epochs = [(trial.path.name, event.epoch) for trial, event in
              (event for event in again.train() if not isinstance(event, TrialDone)) if isinstance(event, EpochDone)]
    assert epochs[0] == ("alpha-1.5-steps-1-seed0", 2) and len(epochs) == 5 == len(set(epochs))
    assert again.result() == whole.result()
    third = make(data, tmp_path)
    assert not third.missing() and not any(event.trained for event in third.train()) and third.estimate() == 0


def test_the_table_holds_means_over_the_seeds(whole, data, monkeypatch):
    from minirearec.config import Config
    from minirearec.training import Trainer

    found = whole.result()
    assert [point.name for point in found.points] == ["alpha 1.0, steps 1", "alpha 1.5, steps 1"]
    trainer = Trainer(Config.make(**SETTINGS, alpha=1.5, steps=1, seed=1), data, device="cpu")
    finish(trainer)
    alone, point = trainer.evaluate().metrics(), found.points[1]
    assert {name: values[1] for name, values in point.by_seed.items()} == alone
    assert point.metrics["NDCG@20"] == pytest.approx(sum(point.by_seed["NDCG@20"]) / 2)
    rows = found.records()
    assert [(row["alpha"], row["seed"]) for row in rows] == [(1.0, 0), (1.0, 1), (1.5, 0), (1.5, 1)]
    assert rows[3]["NDCG@20"] == alone["NDCG@20"]
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    assert found.to_frame() == rows and "<td>1.5000</td>" in found._repr_html_()


def test_runs_of_other_settings_are_not_taken_for_these(whole, data, tmp_path):
    folder = whole.trials[0].path.parent
    with pytest.raises(RunError, match="holds a run with other settings"):
        make(data, folder, width=8)
    with pytest.raises(ConfigError, match="out of range"):
        make(data, tmp_path, dropout=2.0)
    (tmp_path / "alpha-1.0-steps-1-seed0").mkdir()
    (tmp_path / "alpha-1.0-steps-1-seed0" / "lock").touch()  # killed as it began
    assert any(isinstance(event, TrialDone) for event in make(data, tmp_path).train())


def test_the_estimate_grows_with_the_epochs_and_keeps_nothing(data, tmp_path):
    short, long = (make(data, tmp_path, epochs=epochs).estimate() for epochs in (1, 50))
    assert 0 < 5 * short < long and not list(tmp_path.iterdir())


def test_names():
    point = {"method": "erl", "kl_weight": 0.05}
    assert name_of(point) == "erl, kl-weight 0.05" and folder_of(point) == "method-erl-kl_weight-0.05"


def test_seeds_begin_with_the_one_that_is_given(data, tmp_path):
    assert [trial.config.training.seed for trial in make(data, tmp_path, seed=3).trials] == [3, 3, 4, 4]
