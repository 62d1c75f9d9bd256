"""The properties hold for the NumPy reference, whatever the shapes and the seed."""

import pytest
from hypothesis import given, settings

from tests.reference.modules import REFERENCE
from tests.reference.properties import PROPERTIES, namespace
from tests.strategies import problems


@pytest.mark.parametrize("name", PROPERTIES)
@settings(max_examples=15)
@given(problem=problems(min_steps=1))
def test_property(name, problem):
    PROPERTIES[name](namespace(REFERENCE), problem)
