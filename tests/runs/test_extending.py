"""More epochs for a finished run: it ends as if it had been given them at the start."""

from dataclasses import replace

import pytest

from minirearec.config import Config
from minirearec.errors import ConfigError, RunError
from minirearec.runs.directory import Run
from minirearec.runs.extending import MORE, longer
from minirearec.runs.keeper import Keeper
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
    more = Trainer.resume(ended, data, limits={"epochs": 4})
    run = Run.open(ended.path)
    assert run.config.training.epochs == 4 and not run.has("results.json")
    whole = Trainer(TWO.replaced(epochs=4), data).fit(progress=False)
    assert more.fit(progress=False).evaluate().to_dict() == whole.evaluate().to_dict()


def test_a_continuation_that_cannot_begin_changes_nothing(ended, data, tmp_path):
    files = {path.name: path.read_bytes() for path in ended.path.iterdir()}
    more = {"limits": {"epochs": 4}}
    with pytest.raises(RunError, match="trained on data with sha256"):
        Trainer.resume(ended, replace(data, sha256="0" * 64), **more)
    with pytest.raises(ConfigError, match="unknown device"):
        Trainer.resume(ended, data, device="nothing", **more)
    keeper = Keeper(ended)
    with pytest.raises(RunError, match="another process"):
        Trainer.resume(ended, data, **more)
    keeper.unlock()
    assert {path.name: path.read_bytes() for path in ended.path.iterdir() if path.name in files} == files
    assert not ended.has(MORE)
    (ended.path / "last.safetensors").unlink()
    with pytest.raises(RunError, match="last.safetensors is missing"):
        Trainer.resume(ended, data, **more)
    assert ended.has("results.json") and not ended.has(MORE)


def test_a_run_without_a_finished_epoch_gets_new_limits_and_counts_get_none(data, tmp_path):
    Trainer(TWO, data, out=tmp_path / "new").keeper.unlock()
    Trainer.resume(Run.open(tmp_path / "new"), data, limits={"epochs": 1}).fit(progress=False)
    assert len(Run.open(tmp_path / "new").read_metrics()) == 1
    counting = Trainer(Config.make(method="counts"), data, out=tmp_path / "counts").fit(progress=False).run
    with pytest.raises(RunError, match="only counts, so it has no epochs to continue"):
        Trainer.resume(counting, data, limits={"epochs": 4})


def test_limits_that_change_nothing_are_refused(ended):
    with pytest.raises(RunError, match="would stop at once: reached the limit of 2 epochs. It has 2 finished epochs"):
        longer(ended, ended.read_metrics(), {})


def test_a_refit_that_has_begun_is_not_continued(ended):
    refit = replace(ended, config=TWO.replaced(refit=True))
    with pytest.raises(RunError, match="cannot continue its search for the best epoch: the refit has taken the place"):
        longer(refit, ended.read_metrics(), {"epochs": 4})
    in_the_search = longer(refit, ended.read_metrics()[:1], {"epochs": 4})
    assert in_the_search.training.epochs == 4


@pytest.mark.parametrize("content", ["{}", '{"run": "other", "epochs": 4, "patience": 10}', "no JSON"])
def test_a_damaged_file_is_named(content, ended):
    (ended.path / MORE).write_text(content)
    with pytest.raises(RunError, match=MORE):
        Run.open(ended.path)


def test_a_schedule_that_has_ended_is_not_continued(ended):
    scheduled = replace(ended, config=TWO.replaced(schedule="linear", schedule_epochs=2))
    with pytest.raises(RunError, match="cannot continue after the end of its schedule. Train a new run with a higher"):
        longer(scheduled, ended.read_metrics(), {"epochs": 4})
