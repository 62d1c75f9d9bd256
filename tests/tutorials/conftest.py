"""The small assignments for every test below."""

from tests.tutorials.doubling import own  # noqa: F401
from tests.tutorials.tiny import tiny  # noqa: F401
