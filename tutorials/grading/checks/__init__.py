"""What an assignment's checks.py is written with. ``runner`` runs checks, ``explanation`` words their outcomes."""

from minirearec_tutorials.grading.checks.check import Check, Mismatch, StudentError, check, checks_of
from minirearec_tutorials.grading.checks.comparing import agreeing, expect, expect_close, parts, shaped
from minirearec_tutorials.grading.checks.inputs import numbers, seeds, sizes, slope

__all__ = ["Check", "Mismatch", "StudentError", "agreeing", "check", "checks_of", "expect", "expect_close", "numbers",
           "parts", "seeds", "shaped", "sizes", "slope"]
