"""The tiny assignment for every test below."""

from tests.tutorials.tiny import tiny  # noqa: F401
