"""Data sets from what a program holds already: lists of histories, and data frames of pandas or polars.

Neither library is imported: a frame is an object whose columns have names and ``to_list``.
"""

import math
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from minirearec.data.files.columns import Columns
from minirearec.data.files.importing import Filters, apply, sequences
from minirearec.data.files.interactions import Builder
from minirearec.data.files.lines import short
from minirearec.data.files.rows import id_text
from minirearec.data.files.tables import build
from minirearec.data.files.text import MIN_ITEMS
from minirearec.data.sequences import SequenceData
from minirearec.errors import DataError

MISSING = ("NaTType", "NAType")  # of pandas, which is not imported here
FRAME = Path("data frame")  # in place of a path in messages
FIX = "Name the columns user, item, time, rating, title and so on, reset their index, and drop rows without a value."
NO_TIME = "the data frame has no column that looks like the time: the order of its rows is taken as the order of events"


def is_frame(source) -> bool:
    """Return whether an object is a data frame."""
    return hasattr(type(source), "columns") and hasattr(source, "__getitem__")  # of its type: a lazy one would warn


def from_histories(histories: Sequence) -> SequenceData:
    """Return the data set of some histories, each with its oldest item first; users are numbered from 1.

    Item ids are whole numbers or text. Raises DataError for a history that is too short and for other ids.
    """
    builder = Builder()
    for number, history in enumerate(histories, 1):
        where = f"history {number}"
        if isinstance(history, str | bytes) or not hasattr(history, "__iter__"):
            raise DataError(f"{short(history)!r} is not a list of item ids", where, "Give a list of lists of item ids.")
        ids = [id_text(item.item() if hasattr(item, "item") else item) for item in history]
        if len(ids) < MIN_ITEMS:
            raise DataError(f"{len(ids)} items, fewer than {MIN_ITEMS}", where, "Every history needs an item to train, "
                            "one to validate and one to test.")
        for item in ids:
            builder.add(str(number), item, where)
    if not histories:
        raise DataError("there are no histories", "data", "Give a list of lists of item ids.")
    return sequences(builder.table(), "histories", "lists of histories")


def from_frame(frame) -> SequenceData:
    """Return the data set of a frame with one interaction per row; its columns are found by the usual names.

    Rows are ordered by time, and users with fewer than three rows are left out, as ``minirearec data import`` does.
    A lazy frame is collected. Raises DataError for a row that does not fit, for a column name that occurs twice and
    when nothing remains; warns when there is no time.
    """
    if hasattr(frame, "collect"):
        frame = frame.collect()
    names = [str(name) for name in frame.columns]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise DataError(f"has the column {twice!r} twice", str(FRAME), FIX)
    values = zip(*(map(_plain, frame[name].to_list()) for name in frame.columns), strict=True)
    rows = ((line, list(row)) for line, row in enumerate(values, 1))
    found: dict[str, str] = {}
    try:
        builder = build(names, rows, FRAME, "jsonl", Columns(), lambda columns, others: found.update(columns))
    except DataError as error:  # it names options of the command line
        raise DataError(error.what, error.where, FIX) from error
    if "time" not in found:
        warnings.warn(NO_TIME, stacklevel=3)
    table = apply(builder.table(), Filters())
    if not len(table):
        raise DataError("no interactions are left", str(FRAME), f"Users need at least {MIN_ITEMS} rows.")
    return sequences(table, "frame", "a data frame")


def _plain(value):
    """Return a date as text, as a file would have it, and None for what pandas has in place of a missing value."""
    if type(value).__name__ in MISSING or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.isoformat() if isinstance(value, date) else value
