"""A sandbox for the tests of both sides."""

import pytest

from minirearec_tutorials.grading.sandbox.outside.sandbox import Sandbox
from tests.tutorials.grading.sandbox.submission import QUICK, SOURCE


@pytest.fixture(scope="module")
def sandbox():
    """Return a sandbox for calls that do not break it."""
    with Sandbox(SOURCE, "t1.py", QUICK) as started:
        started.start()
        yield started
