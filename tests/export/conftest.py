"""A run of one epoch for each method, on data with titles."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.runs.directory import Run
from minirearec.training import Trainer
from tests.registered import forget_registered
from tests.small import SMALL, finish


@pytest.fixture(scope="session")
def titled(data):
    """Return the small data set with a title for each item; the first would move the cursor of a terminal."""
    titles = [f"Title of {item}" for item in data.item_ids]
    return replace(data, titles=np.array(["\x1b[2J\u202eGood", *titles[1:]], dtype=object))


@pytest.fixture(scope="session")
def train():
    """Return a function that trains a run for one epoch; its model reads 8 items."""
    def one(data, path, **settings) -> Run:
        config = Config.make(epochs=1, max_length=8, initial_std=0.3, **{**SMALL, "layers": 2, **settings})
        finish(Trainer(config, data, out=path))
        return Run.open(path)

    return one


@pytest.fixture(scope="session")
def runs(titled, train, tmp_path_factory):
    """Return a run for each method."""
    folder = tmp_path_factory.mktemp("runs")
    return {method: train(titled, folder / method, method=method)
            for method in ("base", "naive", "rpe", "erl", "prl", "gate", "counts")} | {
        counts: train(titled, folder / counts, method="counts", counts=counts) for counts in ("rules", "pctm")}


@pytest.fixture
def forget():
    """Forget afterwards what a test registered."""
    yield
    forget_registered()
