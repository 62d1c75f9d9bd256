"""The course of a training says what was best, why it ended and how long it took."""

from types import SimpleNamespace

import pytest

from minirearec import plots
from minirearec.config import Config
from minirearec.course import Course
from minirearec.events import EpochDone, RefitEpochDone
from minirearec.runs.directory import DataFacts
from minirearec.training import Trainer
from tests.small import SMALL


@pytest.fixture
def course(data):
    """Return the course of a training of two epochs, the first of them the better one, with a refit."""
    course = Course(Config.make(method="erl", epochs=2, refit=True, **SMALL), DataFacts.of(data))
    course.epochs = [EpochDone(1, 7.5, {"NDCG@20": 0.25}, 4.0, 1), EpochDone(2, 7.0, {"NDCG@20": 0.125}, 5.0, 1)]
    course.refitted = [RefitEpochDone(1, 7.25, 3.0)]
    return course


def test_the_best_epoch_is_shown(course):
    assert course.best == course.epochs[0] and course.run is None
    assert course.shown()["best"] == "epoch 1, validation NDCG@20 0.2500"


def test_results_add_up_both_phases(course, data):
    results = course.results(Trainer(Config.make(method="counts"), data).fit(progress=False).evaluate())
    assert (results["epochs"], results["best_epoch"], results["seconds"]) == (2, 1, 12.0)
    assert results["reason"] == "reached the limit of 2 epochs" and results["fitted_on"] == "train and validation"


def test_before_the_first_epoch_nothing_is_best(data):
    course = Course(Config.make(method="counts"), DataFacts.of(data))
    assert course.counting and course.best is None and course.shown()["best"] == ""


def test_its_plot_has_loss_and_metric_by_epoch_and_marks_the_best(course, monkeypatch):
    drawn, marks = [], []
    monkeypatch.setattr(plots, "curves", lambda axes, series, first, *_: drawn.append((series, first)))
    course.plot([None, SimpleNamespace(axvline=lambda x, **_: marks.append(x))])
    assert drawn == [({"Training loss": [7.5, 7.0]}, 1), ({"Validation NDCG@20": [0.25, 0.125]}, 1)] and marks == [1]
