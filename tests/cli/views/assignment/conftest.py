"""The small assignment."""

from tests.tutorials.tiny import tiny
