"""The properties hold for the NumPy reference, whatever the shapes and the seed."""

import pytest
from hypothesis import given, settings

from tests.reference.modules import REFERENCE
from tests.reference.properties import OF_REASONERS, PROPERTIES, namespace
from tests.strategies import problems


@pytest.mark.parametrize("name", PROPERTIES)
@settings(max_examples=15)
@given(problem=problems(min_steps=1))
def test_property(name, problem):
    PROPERTIES[name](namespace(REFERENCE), problem)


@pytest.mark.parametrize("name", OF_REASONERS)
@settings(max_examples=8)
@given(problem=problems(min_steps=1))
def test_property_of_reasoners(name, problem):
    OF_REASONERS[name](namespace(REFERENCE), problem)
