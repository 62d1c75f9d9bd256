"""What metrics.jsonl and results.json must hold."""

import copy

import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.runs.contents import METRICS, check_results, epochs_of
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
