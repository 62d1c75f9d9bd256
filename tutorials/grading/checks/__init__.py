"""What a check is made of, how it is run, and how its outcome is explained."""

from minirearec_tutorials.grading.checks.comparing import (Check, Mismatch, StudentError, agreeing, check, checks_of,
                                                           expect, expect_close, numbers, seeds, shaped, sizes, slope)

__all__ = ["Check", "Mismatch", "StudentError", "agreeing", "check", "checks_of", "expect", "expect_close", "numbers", "seeds",
           "shaped", "sizes", "slope"]
