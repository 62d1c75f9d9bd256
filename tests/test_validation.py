"""Validation picks the first of the best epochs and says when training ends."""

import pytest

from minirearec.config import Config, TrainingConfig
from minirearec.evaluation.full_ranking import evaluate
from minirearec.events import EpochDone
from minirearec.training import Trainer
from minirearec.validation import best_epoch, reason_to_stop, validate
from tests.small import SMALL


def epochs(*scores):
    found = []
    for number, score in enumerate(scores, 1):
        metrics = {"NDCG@20": score}
        found.append(EpochDone(number, 1.0, metrics, 1.0, best_epoch(found, metrics)))
    return found


def test_of_equally_good_epochs_the_first_is_the_best():
    assert [epoch.best_epoch for epoch in epochs(0.1, 0.3, 0.3, 0.2, 0.4)] == [1, 2, 2, 2, 5]


@pytest.mark.parametrize("scores, reason", [
    ((), ""), ((0.1, 0.2, 0.1), ""), ((0.1, 0.2, 0.1, 0.2), "2 epochs without a better validation NDCG@20"),
    ((0.1, 0.2, 0.1, 0.3, 0.1), "reached the limit of 5 epochs")])
def test_when_training_ends(scores, reason):
    assert reason_to_stop(epochs(*scores), TrainingConfig(epochs=5, patience=2)) == reason


def test_validation_is_the_evaluation_of_the_answer(data):
    trainer = Trainer(Config.make(method="erl", steps=1, **SMALL), data)
    expected = evaluate(trainer.scorer, trainer.split, "valid").metrics()
    assert validate(trainer.scorer, trainer.split, 0) == expected != validate(trainer.scorer, trainer.split, 20)
