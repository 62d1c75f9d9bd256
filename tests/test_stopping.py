"""The first of the best epochs counts, and training ends in time."""

import pytest

from minirearec.config import TrainingConfig
from minirearec.events import EpochDone
from minirearec.stopping import best_epoch, reason_to_stop


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
