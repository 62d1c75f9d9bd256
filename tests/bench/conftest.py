"""A small job that the tests of a benchmark measure."""

import pytest

from minirearec.bench.parts import Job
from minirearec.config import Config
from tests.small import SMALL


@pytest.fixture
def job(data) -> Job:
    """Return a job that takes a moment."""
    return Job(Config.make(method="erl", steps=2, **SMALL), data, "numpy", quick=True)
