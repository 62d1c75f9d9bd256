"""What the tables of a study show, against the lines that they are made from."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minirearec.analysis.halting import RULES
from minirearec.config import TrainingConfig
from minirearec.errors import ConfigError
from minirearec.events import SELECTION, EpochDone
from minirearec.stopping import best_epoch, reason_to_stop
from minirearec.studies.plan import VIEWS, Row, Study
from minirearec.studies.views import (
    BEST_DEPTH,
    PATIENCES,
    best_depth,
    patience_view,
    replay,
    result,
    shares,
    steps_view,
)
from minirearec.studies.views import VIEWS as FUNCTIONS


def test_every_view_has_its_function():
    assert tuple(FUNCTIONS) == VIEWS


def test_rows_and_their_blends(whole):
    found = result(whole)
    assert found.finished and [line.name for line in found.lines] == [
        "base", "base + counts", "erl", "erl + counts", "faster", "faster + counts", "counts", "all that helped",
        "all that helped + counts"]
    lines = {line.name: line for line in found.lines}
    assert lines["erl + counts"].base == "base + counts" and not lines["erl + counts"].valid
    assert {line.fitted_on for line in found.lines} == {"train"} and lines["counts"].seeds == [0, 1]
    erl = lines["erl"]
    runs = whole.lines(whole.study.rows[1])
    assert erl.test["NDCG@10"] == pytest.approx(np.mean([run["test"]["mean of steps"]["NDCG@10"]
                                                        for run in runs.values()]))
    assert erl.values["oracle"] >= erl.values[BEST_DEPTH] and "null oracle" in erl.values
    assert "oracle" not in lines["base"].values and lines["base"].difference is None
    tried = [(one["row"], one["variant"]) for one in found.tried]
    assert tried[:2] == [("erl", {"steps": 1}), ("erl", {"steps": 2})] and tried[2][0] == "all that helped"
    assert sum(one["chosen"] for one in found.tried[:2]) == 1
    with pytest.raises(ConfigError, match="unknown metric 'HR'"):
        result(whole, "HR")


def test_what_is_finished_can_be_shown(make, tmp_path):
    work = make(tmp_path)
    assert result(work).lines == []
    events = work.train()
    for event in events:
        if getattr(event, "number", 0) == 1:
            break
    found = result(work)
    assert not found.finished and [line.name for line in found.lines] == ["base", "base + counts"]
    assert found.lines[0].seeds == [0]


def test_steps_are_compared_with_the_depth_that_validation_chose(whole):
    lines = {line.name: line for line in steps_view(whole, "NDCG@20")}
    assert lines["base, step 0 (answer)"].difference is None, "one depth has nothing to be compared with"
    runs = whole.lines(whole.study.rows[1]).values()
    start = np.mean([run["test"][best_depth(run, "NDCG@20")]["NDCG@20"] for run in runs])
    assert lines[f"erl, {BEST_DEPTH}"].test["NDCG@20"] == pytest.approx(start)
    answer, oracle = lines["erl, mean of steps (answer)"], lines["erl, best step (oracle)"]
    assert answer.difference is not None
    assert answer.difference.difference.value == pytest.approx(answer.test["NDCG@20"] - start)
    assert oracle.values["realised"] == pytest.approx(1) and oracle.difference is None
    assert answer.values["realised"] == pytest.approx(
        (answer.test["NDCG@20"] - start) / (oracle.test["NDCG@20"] - start))


def test_policies_have_depth_and_time(make, tmp_path, whole):
    study = Study("depth", "?", (Row("erl", {"method": "erl", "steps": 2}),), whole.study.common, view="steps")
    work = make(tmp_path, study, seeds=1)
    for _ in work.train():
        pass
    lines = {line.name.removeprefix("erl, "): line for line in result(work).lines}
    [run] = work.lines(study.rows[0]).values()
    assert lines["step 1"].values["depth"] == 1 and lines["halt"].difference is not None
    assert lines["fitted gate"].difference is not None and not lines["fitted gate"].valid
    policy = lines[RULES[0].name]
    assert policy.difference is None and policy.by_seed == [policy.test["NDCG@20"]]
    assert policy.values["depth"] == run["ways"][RULES[0].name]["depth"] <= 2
    assert work.missing() == [] and make(tmp_path, Study("rows", "?", study.rows, study.common), seeds=1).missing()


def test_the_best_depth_is_chosen_on_validation():
    run = {"steps": ["step 0", "step 1"], "valid": {"step 0": {"m": 0.2}, "step 1": {"m": 0.1}},
           "test": {"step 0": {"m": 0.1}, "step 1": {"m": 0.3}}}
    assert best_depth(run, "m") == "step 0"


def test_shares():
    assert shares(0.3, {BEST_DEPTH: 0.2, "oracle": 0.6, "null oracle": 0.4}) == {
        "realised": pytest.approx(0.25), "null realised": pytest.approx(0.5)}
    assert shares(0.3, {BEST_DEPTH: 0.2, "oracle": 0.2}) == {}


@pytest.mark.parametrize("patience", [1, 2, 3, 7])
def test_a_replay_ends_as_training_does(patience):
    curve = [0.1, 0.3, 0.2, 0.3, 0.1, 0.4, 0.4, 0.2, 0.1, 0.5, 0.1]
    epochs: list[EpochDone] = []
    settings = TrainingConfig(epochs=len(curve), patience=patience)
    while not reason_to_stop(epochs, settings):
        metrics = {SELECTION: curve[len(epochs)]}
        epochs.append(EpochDone(len(epochs) + 1, 0.0, metrics, 0.0, best_epoch(epochs, metrics)))
    assert replay(curve, patience) == (len(epochs), epochs[-1].best_epoch)


def test_what_shorter_patiences_lose():
    trained: dict[str, Any] = {"fitted_on": "train", "settings": {"training": {"patience": 12}}}
    runs = {0: {"curve": [0.1, 0.3, 0.2, 0.4, 0.1, 0.1], **trained}, 1: {"curve": [0.2, 0.1, 0.1, 0.1], **trained}}
    work: Any = SimpleNamespace(rows=lambda: [Row("base", {})], lines=lambda row: runs)
    first, second, *_ = lines = patience_view(work, "NDCG@20")
    assert len(lines) == len(PATIENCES) and first.name == "base, patience 1"
    assert first.values == {"epochs": 2.5, "best epoch": 1.5, "time": pytest.approx((3 / 6 + 2 / 4) / 2),
                            "lost": pytest.approx(0.05), "most lost": pytest.approx(0.1)}
    assert second.values["lost"] == 0 and second.valid == {SELECTION: pytest.approx(0.3)}
    trained["settings"]["training"]["patience"] = 2
    assert len(patience_view(work, "NDCG@20")) == 2, "nobody knows what a longer one would have given"


def test_the_patience_of_a_study(make, whole):
    study = Study("p", "?", whole.study.rows[:1], whole.study.common, view="patience", blend=whole.study.blend)
    found = result(make(whole.out, study))
    assert found.finished and found.lines[-1].values["lost"] == 0
