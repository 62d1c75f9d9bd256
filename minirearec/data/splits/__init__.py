"""Splits: which interactions train, which select the model and which test it."""

from minirearec.data.splits.in_time import by_time
from minirearec.data.splits.split import PARTS, Split, last_n, leave_one_out, make_split

__all__ = ["PARTS", "Split", "by_time", "last_n", "leave_one_out", "make_split"]
