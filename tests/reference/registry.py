"""The register of properties, and the functions they share. See ``properties``."""

from types import SimpleNamespace

import numpy as np

from tests.strategies import Problem

PROPERTIES = {}
OF_REASONERS = {}  # apart: they compute everything for every reasoner, which takes long


def holds(function):
    """Register a property under its name."""
    PROPERTIES[function.__name__] = function
    return function


def holds_for_reasoners(function):
    """Register a property of reasoners under its name."""
    OF_REASONERS[function.__name__] = function
    return function


def table_of(p: Problem) -> np.ndarray:
    """Return the item table [V, D]."""
    return p.weights["item_embedding"]


def loss_inputs(p: Problem):
    """Return states [P, K+1, D] of P = B T positions, the table, and targets [P]."""
    return p.normal("states", p.B * p.T, p.K + 1, p.D), table_of(p), p.targets.reshape(-1)


def slope(function) -> float:
    """Return ``d/de function(e)`` at 0, from five points."""
    h = 2e-5
    return (function(-2 * h) - 8 * function(-h) + 8 * function(h) - function(2 * h)) / (12 * h)


def assert_close(derived: float, measured: float) -> None:
    """Compare with a number measured by differences: relative error 1e-6, plus the rounding of the differences."""
    assert abs(derived - measured) <= 1e-6 * abs(measured) + 1e-8, f"{derived} derived, {measured} measured"


def namespace(modules) -> SimpleNamespace:
    """Return all public names of the modules, as they are now, in one namespace."""
    return SimpleNamespace(**{name: value for module in modules for name, value in vars(module).items()
                              if not name.startswith("_")})
