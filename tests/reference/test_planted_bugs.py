"""Every planted bug is caught by the properties named for it, and by no other."""

from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from tests.reference.modules import REFERENCE
from tests.reference.planted import BUGS
from tests.reference.planted_items import ITEM_BUGS
from tests.reference.planted_mixtures import MIXTURE_BUGS
from tests.reference.planted_positions import POSITION_BUGS
from tests.reference.planted_reasoners import REASONER_BUGS
from tests.reference.planted_targets import TARGET_BUGS
from tests.reference.properties import OF_REASONERS, PROPERTIES, namespace
from tests.strategies import Problem

ALL = [*[(bug, PROPERTIES) for bug in (*BUGS, *ITEM_BUGS, *MIXTURE_BUGS, *POSITION_BUGS, *TARGET_BUGS)],
       *[(bug, OF_REASONERS) for bug in REASONER_BUGS]]
PROBLEMS = [Problem(B=2, T=4, K=2, H=2, d=3, I=5, L=2, V=7, seed=1),
            Problem(B=3, T=3, K=3, H=1, d=4, I=4, L=1, V=5, seed=2)]


def plant(bug, monkeypatch) -> None:
    """Replace a name wherever it is used: in its own module, and where the reference imports it."""
    for place, change in bug.plant.items():
        module_name, _, name = place.rpartition(".")
        inside = f"minirearec.reference.{module_name}"
        module = import_module(inside if find_spec(inside) else f"minirearec.{module_name}")
        right = getattr(module, name)
        wrong = change(right) if callable(change) else change
        holders = [one for one in {module, *REFERENCE} if vars(one).get(name) is right]
        for one in holders:
            monkeypatch.setattr(one, name, wrong)


def caught_by(properties: dict) -> set:
    """Return the names of the properties that fail on any of the problems, with the reference as it is now."""
    model, caught = namespace(REFERENCE), set()
    for name, check in properties.items():
        try:
            for problem in PROBLEMS:
                check(model, problem)
        except AssertionError:
            caught.add(name)
    return caught


def test_nothing_is_caught_without_a_bug():
    assert caught_by(PROPERTIES | OF_REASONERS) == set()


@pytest.mark.parametrize("bug, properties", ALL, ids=[bug.name for bug, _ in ALL])
def test_the_bug_is_caught(bug, properties, monkeypatch):
    plant(bug, monkeypatch)
    with np.errstate(all="ignore"):
        caught = caught_by(properties)
    assert caught, "the bug survives"
    assert caught == bug.caught_by


def test_every_property_catches_a_bug():
    """A property earns its place by killing a planted bug."""
    assert set(PROPERTIES | OF_REASONERS) == set().union(*(bug.caught_by for bug, _ in ALL))
