"""What must hold for any correct model, one function per property.

A property takes ``model``, a namespace of the reference's functions, and a Problem, and asserts. The same functions
run on the reference itself (test_properties) and on planted bugs (test_planted_bugs), which must not pass.
Problems have K >= 1. No property compares with PyTorch: they state what the equations imply.
"""

from tests.reference import (
    properties_of_items,
    properties_of_objectives,
    properties_of_operations,
    properties_of_positions,
    properties_of_prefixes,
    properties_of_reasoners,
    properties_of_states,
    properties_of_targets,
)
from tests.reference.registry import OF_REASONERS, PROPERTIES, namespace

__all__ = ["OF_REASONERS", "PROPERTIES", "namespace", "properties_of_items", "properties_of_objectives",
           "properties_of_operations", "properties_of_positions", "properties_of_prefixes", "properties_of_reasoners",
           "properties_of_states", "properties_of_targets"]
