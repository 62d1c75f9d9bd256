"""Small runs of several kinds, with the data they were trained on."""

import pytest

from minirearec.config import Config
from minirearec.training import Trainer
from tests.small import SMALL, finish


@pytest.fixture(scope="session")
def train(data, tmp_path_factory):
    """Return a function that trains a run for one epoch."""
    def make(backend="torch", **settings):
        config = Config.make(**{"epochs": 1, "dropout": 0.2, **SMALL, **settings})
        trainer = Trainer(config, data, out=tmp_path_factory.mktemp("runs") / "run", backend=backend, device="cpu")
        finish(trainer)
        assert trainer.run is not None
        trainer.run.write_results(trainer.results(trainer.evaluate("test")))
        return trainer.run

    return make


@pytest.fixture(scope="session")
def run(train):
    return train(method="erl", steps=2, layers=2)
