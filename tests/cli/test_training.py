"""A training session: where its run goes, what it says before and after, and how it resumes."""

import io
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from minirearec_cli import training


@pytest.fixture
def paper():
    """Return a console without a terminal."""
    return Console(file=io.StringIO(), width=200)


def small_trainer(data, **options) -> Trainer:
    return Trainer(Config.make(method="erl", steps=1, width=8, inner_width=8, layers=1), data, **options)


def test_a_new_directory_never_takes_the_place_of_another(tmp_path, monkeypatch):
    class Noon:
        now = staticmethod(lambda: datetime(2025, 3, 22, 12, 0, 5))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "datetime", SimpleNamespace(datetime=Noon))
    config = Config.make(method="prl")
    expected = Path("runs", "beauty-prl-20250322-120005")
    assert training.new_directory("beauty", config) == expected and expected.is_dir()
    Path(f"{expected}-2").symlink_to("nowhere")  # taken too, though it leads nowhere
    assert training.new_directory("beauty", config) == Path(f"{expected}-3")


@pytest.mark.parametrize("name, folder", [
    ("../../../x", "x"), ("/etc/x", "etc-x"), ("my data", "my-data"), ("...", "data"), ("", "data"),
    ("\x1b[31m", "31m"), ("x" * 500, "x" * 60), ("Bücher_2.1", "Bücher_2.1")])
def test_the_name_of_a_data_set_stays_inside_runs(name, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = training.new_directory(name, Config.make(method="prl"))
    assert path.parent == Path("runs") and path.name.startswith(f"{folder}-prl-2") and path.is_dir()


def test_a_run_that_cannot_begin_leaves_no_folder(minirearec, refused, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def refuse(*_, **__):
        raise RunError("no model today")

    monkeypatch.setattr("minirearec.fitting.make_learner", refuse)
    refused(minirearec("train", "--dataset", tiny), "no model today")
    assert not list((tmp_path / "runs").iterdir())


def test_the_header_counts_the_parameters(data, tmp_path):
    header = training.header(small_trainer(data, device="cpu"), tmp_path)
    # 80 item vectors, 50 positions and p_1, of width 8; the input norm; a block of six 8 x 8 matrices with biases and
    # two norms.
    parameters = (80 + 50 + 1) * 8 + 16 + 6 * (64 + 8) + 2 * 16
    assert header["Method"] == f"erl, K = 1, width 8, layers 1, {parameters:,} parameters"
    assert header["Data"] == "beauty-sim (SYNTHETIC DATA): 200 users, 80 items, 1,600 interactions"
    assert header["Machine"] == "torch on cpu, seed 0" and header["Run"] == str(tmp_path)


def test_counts_have_neither_parameters_nor_a_machine(data, tmp_path):
    header = training.header(Trainer(Config.make(method="counts", counts="rules"), data), tmp_path)
    assert header["Method"] == "counts, rules" and "Machine" not in header


@pytest.mark.parametrize("saved, trained, told", [
    ((0, 0), False, "Interrupted in epoch 1; no epoch is saved yet. "),
    ((1, 0), False, "Interrupted in epoch 2; epoch 1 is saved. "),
    ((5, 0), False, "Interrupted in epoch 6; epochs 1..5 are saved. "),
    ((0, 1200), False, "Interrupted in epoch 1; the first 1,200 positions of epoch 1 are saved. "),
    ((5, 1200), False, "Interrupted in epoch 6; epochs 1..5 and the first 1,200 positions of epoch 6 are saved. "),
    ((5, 0), True, "Interrupted after training, before the results were written. ")])
def test_an_interruption_says_what_is_saved(saved, trained, told, data, paper, tmp_path):
    trainer = small_trainer(data, out=tmp_path / "my run")
    session = training.TrainingSession(trainer, paper, quiet=True)
    trainer.keeper.saved = saved
    path = tmp_path / "my run"
    assert session.interrupted(trained) == f"{told}Resume with: minirearec train --resume '{path}'"
    trainer.refitted = []
    assert trained or session.interrupted(trained).startswith(f"{told.partition(';')[0]} of the refit; ")


def test_a_finished_run_is_not_trained_again(finished, paper):
    session = training.resume(finished, paper, False, data_dir=None, offline=True, device="auto", threads=None,
                              save_every=60)
    assert isinstance(session, training.Finish)
    assert session.run() == Run.open(finished).read_results()
    assert paper.file.getvalue() == f"The run {finished} is finished: {session.results['reason']}.\n"


def test_an_example_can_be_typed():
    import numpy as np

    assert training.example_of("--user", np.array([17, 3])) == ("--user", "17")
    assert training.example_of("--history", np.array(["a,b", "\x1b[2J", "-x", "y"])) == ("--history=-x",)
    assert training.example_of("--history", np.array(["a,b"])) == ()


def test_the_next_command_of_a_finished_run_needs_no_data(finished, minirearec):
    import shlex

    shown = minirearec("train", "--resume", finished).stdout
    words = shlex.split(shown[shown.index("Next: ") + len("Next: "):])
    assert words[:3] == ["minirearec", "recommend", str(finished)] and words[3] == "--history"
    assert minirearec(*words[1:]).exit_code == 0


def test_a_log_is_not_appended_to_the_data(minirearec, refused, tiny, small, tmp_path):
    before = tiny.read_bytes()
    refused(minirearec("train", "--dataset", tiny, "--log-file", tiny, *small), "tiny.txt: is the data set")
    assert tiny.read_bytes() == before
