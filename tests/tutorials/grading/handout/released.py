"""A release of all assignments, and what its notebooks hold."""

import json
from pathlib import Path

import pytest

from minirearec_tutorials.grading.assignment.finding import assignments
from minirearec_tutorials.grading.handout import release as releases

ALL = list(assignments().values())
every_assignment = pytest.mark.parametrize("item", ALL, ids=lambda item: item.name)


@pytest.fixture(scope="session")
def course(tmp_path_factory) -> Path:
    """Release all assignments. Tests only read the result."""
    out = tmp_path_factory.mktemp("course")
    releases.release(ALL, out)
    return out


def cells_of(text: str) -> list[dict]:
    return [{**cell, "source": "".join(cell["source"])} for cell in json.loads(text)["cells"]]
