"""A student whose functions run in this very process, as in a notebook."""

from types import SimpleNamespace
from typing import Any

from minirearec_tutorials.grading.checks import StudentError
from minirearec_tutorials.grading.sandbox.shared.calls import ArgumentChanged, call_once


def in_process(functions: dict[str, Any]) -> SimpleNamespace:
    """Make a student of functions. They get copies of their arguments: changing one in place is an error."""
    return SimpleNamespace(**{name: _careful(name, value) for name, value in functions.items() if callable(value)})


def _careful(name: str, function):
    def call(*args, **named):
        try:
            return call_once(function, args, named)
        except ArgumentChanged as error:
            raise StudentError(f"{name} {error}") from None
        except NotImplementedError as error:
            raise StudentError(f"not written yet: {error}", unwritten=True) from None
        except Exception as error:
            raise StudentError(f"{name} raised {type(error).__name__}: {error}") from error

    return call
