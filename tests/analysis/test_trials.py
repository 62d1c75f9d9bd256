"""Trials: how long they take, and what they do not take for theirs. test_sweeping trains and resumes them."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.analysis.trials import Machine, Trial, epoch_seconds
from minirearec.config import Config
from minirearec.data.features import Features
from minirearec.errors import RunError
from minirearec.training import Trainer
from tests.small import SMALL


def test_the_time_of_an_epoch(data):
    config = Config.make(method="base", **SMALL)
    assert epoch_seconds(config, data, Machine("cpu")) > 0
    assert epoch_seconds(Config.make(method="counts"), data, Machine("cpu")) == 0


def test_a_trial_checks_its_folder(run, data, tmp_path):
    trial = Trial("erl", run.config, run.path)
    trial.check(data)
    assert trial.name == "erl, seed 0"
    replace(trial, path=tmp_path / "new").check(data)
    replace(trial, config=run.config.replaced(precision="auto")).check(data)
    with pytest.raises(RunError, match="other settings"):
        replace(trial, config=run.config.replaced(dropout=0.4)).check(data)
    with pytest.raises(RunError, match="trained on data with sha256"):
        trial.check(replace(data, sha256="f" * 64))


def test_a_trial_keeps_its_features(data, tmp_path):
    values = np.random.default_rng(0).standard_normal((data.n_items, 3)).astype(np.float32)
    described, others = (replace(data, features=Features(one, "drawn")) for one in (values, values[::-1]))
    trial = Trial("morec", Config.make(**{**SMALL, "items": "morec", "epochs": 1}), tmp_path / "run")
    Trainer(trial.config, described, out=trial.path).keeper.unlock()
    trial.check(described)
    with pytest.raises(RunError, match="holds a run with other features of the items"):
        trial.check(others)


def test_a_run_that_began_with_other_weights_is_refused(data, tmp_path):
    config = Config.make(method="base", epochs=1, **SMALL)
    weights = Trainer(config, data, device="cpu").learner.weights()
    Trainer(config, data, device="cpu", out=tmp_path / "run", weights=weights).keeper.unlock()
    trial, machine = Trial("base", config, tmp_path / "run"), Machine("cpu")
    trial.check(data, machine, weights)
    for other in (None, {name: value + 1 for name, value in weights.items()}):
        with pytest.raises(RunError, match="holds a run that began with other weights"):
            trial.check(data, machine, other)
