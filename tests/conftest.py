"""Fixtures and Hypothesis profiles shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# One profile for everyone: no deadline (a busy machine is not a bug), and repeatable in CI.
settings.register_profile("default", deadline=None, max_examples=30,
                          suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def needs(path: Path) -> Path:
    """The path, or a skip that says which file is missing."""
    if not path.exists():
        pytest.skip(f"needs {path.relative_to(SHARED.parent)}, kept outside the repository and not found here")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real data files."""
    return needs(SHARED / "data")


@pytest.fixture(scope="session")
def beauty_file(shared_data) -> Path:
    """The real Beauty.txt."""
    return needs(shared_data / "Beauty.txt")


@pytest.fixture(scope="session")
def parity_folder() -> Path:
    """The recorded outputs of the authors' code."""
    return needs(SHARED / "parity")
