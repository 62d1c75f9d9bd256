"""What metrics.jsonl and results.json must hold."""

import copy

import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import RefitEpochDone
from minirearec.runs.contents import METRICS, check_results, epochs_of, refit_epochs_of
from minirearec.training import Trainer
from tests.small import SMALL, finish

EPOCH = {"epoch": 1, "loss": 2.5, "metrics": dict.fromkeys(METRICS, 0.5), "seconds": 1.0, "best_epoch": 1}


def test_epochs_are_made_from_dicts():
    first, second = epochs_of([EPOCH, {**EPOCH, "epoch": 2}], "metrics.jsonl", "")
    assert first.improved and not second.improved and second.metrics == EPOCH["metrics"]


@pytest.mark.parametrize("values", [
    {}, [3], [{}], [{**EPOCH, "loss": "2.5"}], [{**EPOCH, "loss": float("nan")}], [{**EPOCH, "epoch": 2}],
    [{**EPOCH, "best_epoch": 2}], [{**EPOCH, "best_epoch": 0}], [{**EPOCH, "metrics": {}}], [{**EPOCH, "more": 1}]])
def test_other_epochs_are_refused(values):
    with pytest.raises(RunError, match="metrics.jsonl: .*epoch"):
        epochs_of(values, "metrics.jsonl", "")


def test_epochs_of_a_refit_are_at_most_as_many_as_were_best():
    epochs = epochs_of([EPOCH, {**EPOCH, "epoch": 2, "best_epoch": 2}], "", "")
    values = [{"epoch": 1, "loss": 2.5, "seconds": 1.0}, {"epoch": 2, "loss": 2.0, "seconds": 1.0}]
    assert refit_epochs_of(values, epochs, "last", "") == [RefitEpochDone(1, 2.5, 1.0), RefitEpochDone(2, 2.0, 1.0)]
    assert refit_epochs_of([], epochs, "last", "") == []
    for wrong, after in ((values, epochs[:1]), ([], []), ({}, epochs), (values[1:], epochs), ([3], epochs),
                         ([{**values[0], "more": 1}], epochs), ([{**values[0], "loss": "2"}], epochs)):
        with pytest.raises(RunError, match="last: does not hold the epochs of a refit"):
            refit_epochs_of(wrong, after, "last", "")


@pytest.mark.parametrize("method", ["erl", "counts"])
def test_results_of_a_trainer_are_accepted_and_others_are_not(method, data):
    trainer = Trainer(Config.make(method=method, epochs=1, **SMALL), data)
    finish(trainer)
    results = trainer.results(trainer.evaluate())
    check_results(results, "results.json", "")
    for path, value in ((["test", "answer"], "step 9"), (["seconds"], "1"), (["data"], []), (["test", "kept"], {}),
                        (["test", "excluded", results["test"]["answer"]], {"NDCG@10": 0.5}),
                        (["test", "seen_in_training"], []), (["test", "seen_in_training", "more"], None),
                        (["test", "seen_in_training", "more", "targets"], 0.5),
                        (["test", "seen_in_training", "more", "kept"], {})):
        *above, last = path
        changed = level = copy.deepcopy(results)
        for key in above:
            level = level[key]
        level[last] = value
        with pytest.raises(RunError, match="results.json: (incomplete|lacks metrics)"):
            check_results(changed, "results.json", "")
    del results["test"]["seen_in_training"]
    check_results(results, "results.json", "")  # of an earlier version
