"""A study that is stopped trains nothing twice and ends in the same table; validation alone chooses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from minirearec.analysis.trials import TrialDone
from minirearec.config import Config
from minirearec.errors import ConfigError, RunError
from minirearec.events import SELECTION, EpochDone
from minirearec.studies.plan import Row, Study
from minirearec.studies.results import validation
from minirearec.studies.views import result
from tests.small import SMALL
from tests.studies.conftest import STUDY


def without_time(work):
    """Return the table of a study without what two runs of it never share."""
    found = result(work).to_dict()
    for line in found["lines"]:
        line["values"].pop("seconds an epoch", None)
    return found


def test_runs_of_a_study(whole):
    """Base and faster with two seeds, both variants of erl with the first and one with the second, counts, combined."""
    names = [event.trial.name for event in whole.events]
    assert [event.number for event in whole.events] == [*range(1, whole.total + 1)] and not whole.missing()
    assert names[:2] == ["base, seed 0", "base, seed 1"] and names.count("counts, seed 0") == 1
    assert {"erl, steps 1, seed 0", "erl, steps 2, seed 0"} < set(names)
    assert sum(name.startswith("erl") for name in names) == 3
    assert whole.done == whole.total and all(event.trained for event in whole.events)
    left = {path.name for path in whole.out.iterdir()}
    assert left == {"results.jsonl", "lock"}, "the runs themselves are thrown away"


def test_validation_chooses(whole):
    base, erl, faster, counts = STUDY.rows
    lines = [whole.results.lines[whole.config({**erl.settings, **one}, 0)] for one in erl.variants]
    assert whole.chosen(erl) == erl.variants[int(np.argmax([validation(line) for line in lines]))]
    line = lines[0]
    assert validation(line) == line["valid"]["mean of steps"][SELECTION]
    [combined] = whole.rows()[len(STUDY.rows):]
    gains = {row.name: whole.mean_validation(row) - whole.mean_validation(base) for row in (erl, faster)}
    assert gains["faster"] > 0, "the test needs a row that helps"
    assert combined.settings["learning_rate"] == 0.02
    assert (combined.settings["method"] == "erl") == (gains["erl"] > 0)
    assert whole.lines(counts)[0] is whole.lines(counts)[1]


def test_stopped_and_started_again(whole, make, tmp_path):
    for event in make(tmp_path).train():  # stop inside the fourth run, after an epoch
        if not isinstance(event, TrialDone) and "steps 2" in event[0].name and isinstance(event[1], EpochDone):
            break
    again = make(tmp_path)
    assert again.done == 3 and len(list((tmp_path / "training").iterdir())) == 1
    epochs = [(trial.name, event.epoch) for trial, event in
              (event for event in again.train() if not isinstance(event, TrialDone)) if isinstance(event, EpochDone)]
    assert epochs[0] == ("erl, steps 2, seed 0", 2) and len(epochs) == len(set(epochs))
    assert without_time(again) == without_time(whole)
    third = make(tmp_path)
    assert not any(event.trained for event in third.train()) and third.estimate() == 0


def test_several_at_a_time(whole, make, tmp_path):
    work = make(tmp_path, jobs=2)
    assert work.machine.threads and all(isinstance(event, TrialDone) for event in work.train())
    for config, line in whole.results.lines.items():
        assert work.results.lines[config]["curve"] == pytest.approx(line["curve"], rel=1e-3)


def test_a_folder_that_cannot_be_made_is_named(make, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="cannot make this folder"):
        next(make(tmp_path / "file").train())


def test_a_blend_is_checked_before_anything_is_trained(make, tmp_path):
    with pytest.raises(ConfigError, match="counts:item-to-item is given twice"):
        make(tmp_path, replace(STUDY, blend=("counts", "counts:item-to-item")))
    with pytest.raises(RunError, match="no such run directory"):
        make(tmp_path, replace(STUDY, blend=("nowhere",)))


def test_one_process_works_in_a_folder(make, tmp_path):
    first = make(tmp_path).train()
    next(first)
    with pytest.raises(RunError, match="another process works on this study"):
        next(make(tmp_path).train())
    first.close()


def test_other_settings_are_other_runs(whole, make):
    assert make(whole.out, settings={"width": 8}).done == 0
    more = make(whole.out, seeds=3)
    assert [trial.name.rpartition(", ")[2] for trial in more.missing()] == ["seed 2"] * 3
    with pytest.raises(ConfigError, match="out of range"):
        make(whole.out, settings={"dropout": 2.0})


def test_a_setting_that_a_later_version_adds_is_at_its_default(whole, make, tmp_path):
    lines = [json.loads(line) for line in (whole.out / "results.jsonl").read_text().splitlines()]
    for line in lines:
        del line["settings"]["training"]["refit"]
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert make(tmp_path).missing() == []


def test_the_estimate_assumes_as_many_epochs_as_finished_runs_had(make, tmp_path, monkeypatch):
    from minirearec.analysis import trials

    monkeypatch.setattr(trials, "epoch_seconds", lambda config, data, machine: 3.0)
    work = make(tmp_path)
    assert work.assumption == "with 2 epochs each" and work.total == 10
    assert work.estimate() == pytest.approx(10 * 2 * 3.0)
    assert make(tmp_path, jobs=2).estimate() == pytest.approx(10 * 3.0)
    assert make(tmp_path, settings={"refit": True}).estimate() == pytest.approx(10 * 2 * 2 * 3.0)
    work.results.lines[Config.make(**SMALL)] = {"epochs": 1}
    assert work.usual == 1


def test_of_settings_that_exclude_each_other_the_best_is_combined(make, tmp_path, monkeypatch):
    rows = [Row(name, {"method": "base", **more}) for name, more in (
        ("base", {}), ("low", {"dropout": 0.1}), ("high", {"dropout": 0.2}))]
    work = make(tmp_path, Study("s", "?", tuple(rows), SMALL, combined="all"))
    for better in ("low", "high"):
        means = {"base": 0.1, "low": 0.2, "high": 0.2, better: 0.3}
        monkeypatch.setattr(work, "mean_validation", lambda row, means=means: means[row.name])
        assert work.rows()[-1].settings["dropout"] == {"low": 0.1, "high": 0.2}[better]


def test_seeds_begin_with_the_one_that_is_given(make, tmp_path):
    assert {trial.config.training.seed for trial in make(tmp_path, settings={"seed": 3}).trials()} == {3, 4}
