"""More epochs for a finished run: it ends as if it had been given them at the start."""

import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.runs.directory import Run
from minirearec.runs.extending import MORE, extend
from minirearec.training import Trainer
from tests.small import SMALL

TWO = Config.make(method="erl", epochs=2, **SMALL)


@pytest.fixture
def ended(data, tmp_path):
    """Return a finished run of two epochs."""
    trainer = Trainer(TWO, data, out=tmp_path / "run").fit(progress=False)
    assert trainer.run is not None
    trainer.run.write_results(trainer.results(trainer.evaluate()))
    return trainer.run


def test_a_continued_run_ends_as_a_longer_one(ended, data):
    extend(ended.path, ended.seal, TWO, ended.read_metrics(), epochs=4)
    run = Run.open(ended.path)
    assert run.config.training.epochs == 4 and not run.has("results.json")
    longer = Trainer(TWO.replaced(epochs=4), data).fit(progress=False)
    assert Trainer.resume(run, data).fit(progress=False).evaluate().to_dict() == longer.evaluate().to_dict()


def test_limits_that_change_nothing_are_refused(ended):
    with pytest.raises(RunError, match="would stop at once: reached the limit of 2 epochs. It has 2 finished epochs"):
        extend(ended.path, ended.seal, TWO, ended.read_metrics())
    assert ended.has("results.json")


def test_a_refit_that_has_begun_is_not_continued(ended):
    refit = TWO.replaced(refit=True)
    with pytest.raises(RunError, match="cannot continue its search for the best epoch: the refit has taken the place"):
        extend(ended.path, ended.seal, refit, ended.read_metrics(), epochs=4)
    assert ended.has("results.json")
    extend(ended.path, ended.seal, refit, ended.read_metrics()[:1], epochs=4)  # in the search
    assert Run.open(ended.path).config.training.epochs == 4


@pytest.mark.parametrize("content", ["{}", '{"run": "other", "epochs": 4, "patience": 10}', "no JSON"])
def test_a_damaged_file_is_named(content, ended):
    (ended.path / MORE).write_text(content)
    with pytest.raises(RunError, match=MORE):
        Run.open(ended.path)


def test_a_schedule_that_has_ended_is_not_continued(ended):
    scheduled = TWO.replaced(schedule="linear", schedule_epochs=2)
    with pytest.raises(RunError, match="cannot continue after the end of its schedule. Train a new run with a higher"):
        extend(ended.path, ended.seal, scheduled, ended.read_metrics(), epochs=4)
    assert ended.has("results.json")
