"""One result for every kind of run, equal to what evaluation finds."""

import json

import numpy as np
import pytest

from minirearec.analysis import analyze
from minirearec.data.splits import make_split, with_validation
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, evaluate
from minirearec.evaluation.metrics import bootstrap_interval, per_user
from minirearec.evaluation.scorers import StateScorer
from minirearec.runs.opening import load_scorer


@pytest.fixture(scope="module")
def found(run, data):
    return analyze(run, data=data)


def test_metrics_are_those_of_evaluation_and_of_the_same_model_at_k_0(found, run, data):
    evaluation = evaluate(load_scorer(run), make_split(data))
    assert found.excluded == evaluation.to_dict()["excluded"] and found.kept == evaluation.to_dict()["kept"]
    engine = load_scorer(run).engine
    engine.config = run.config.replaced(steps=0)
    alone = evaluate(StateScorer(engine, engine.config), make_split(data))
    assert found.excluded[found.base] == alone.metrics()


def test_gains_are_paired_differences(found, run, data):
    evaluation = evaluate(load_scorer(run), make_split(data))
    for metric, gains in found.gains.items():
        start = per_user(evaluation.excluded["step 0"])[metric]
        for name, row in (("answer", "mean of steps"), ("oracle", ORACLE)):
            difference = per_user(evaluation.excluded[row])[metric] - start
            assert gains[name].value == pytest.approx(difference.mean())
            assert (gains[name].low, gains[name].high) == pytest.approx(bootstrap_interval(difference))
        assert gains["null oracle"].value == pytest.approx(found.excluded[NULL_ORACLE][metric] - start.mean())


def test_the_same_run_gives_the_same_result(found, run, data):
    again = analyze(str(run.path), data=data)
    assert again == found
    assert json.loads(json.dumps(found.to_dict()))["by_popularity"][0]["rows"].keys() == {
        "step 0", "step 1", "step 2", "mean of steps"}


def test_groups_sort_by_what_their_names_say(found, data):
    split = make_split(data)
    counts = np.bincount(split.train_items, minlength=data.n_items)[split.target("test")]
    assert found.by_popularity[0].low == counts.min() and found.by_popularity[-1].high == counts.max()
    assert found.by_history_length[-1].high == split.test.length.max()
    assert found.target_popularity == counts.mean()


@pytest.mark.parametrize("settings", [{"method": "base"}, {"method": "counts"}, {"method": "naive", "steps": 1,
                         "dropout": 0.0, "input_dropout": 0.0}, {"method": "rpe", "backend": "numpy", "steps": 1}])
def test_what_a_model_lacks_is_left_out(settings, train, data):
    found = analyze(train(**settings), data=data, part="valid")
    steps = settings.get("steps", 0)
    assert (found.thinking is None) == (found.gains == {}) == (found.moves == {}) == (steps == 0)
    assert (NULL_ORACLE in found.excluded) == (settings["method"] == "rpe")
    assert (ORACLE in found.excluded) == (steps > 0)
    assert found.records() and found.lists.keys() == found.moves.keys() | {found.base}


def test_a_refit_is_analyzed_as_each_part_allows(train, data):
    """The validation part sees the model fitted on train, the test part the refit."""
    run, split = train(method="rpe", steps=1, refit=True), make_split(data)
    for part, trained in (("valid", split), ("test", with_validation(split))):
        found = analyze(run, data=data, part=part)
        assert found.excluded == evaluate(load_scorer(run, part=part), trained, part).to_dict()["excluded"]
        assert found.target_popularity == trained.popularity[split.target(part)].mean()
