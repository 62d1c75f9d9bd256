"""Splits: which interactions train the model, which select its best epoch, and which test it."""

from minirearec.data.splits.held_out import last_n, leave_one_out, make_split
from minirearec.data.splits.in_time import by_time
from minirearec.data.splits.refit import fitted_split, with_validation
from minirearec.data.splits.split import PARTS, Split

__all__ = ["PARTS", "Split", "by_time", "fitted_split", "last_n", "leave_one_out", "make_split", "with_validation"]
