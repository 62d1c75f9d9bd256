"""Leakage: what a split must never let a model see. Every check raises DataError, naming a user."""

from collections.abc import Callable

import numpy as np

from minirearec.data.sequences import SplitKind
from minirearec.data.splits.split import PARTS, Split
from minirearec.errors import DataError

FIX = "The split is wrong, and its figures would be too good; make it again from the source."


def check(split: Split) -> list[str]:
    """Run every check that applies to a split of its kind; return what is right, one line each."""
    done = []
    for applies, checks, line in CHECKS:
        if applies(split):
            for one in checks:
                one(split)
            done.append(line)
    return done


def check_rows(split: Split) -> None:
    """Check that every row has a history, and that its target is one of the user's items."""
    for part in PARTS:
        rows = split.rows(part)
        if len(rows) and (rows.user.min() < 0 or rows.user.max() >= split.n_users):
            raise DataError(f"a {part} row belongs to no user", _where(split), FIX)
        available = np.diff(split.data.offsets)[rows.user]
        bad = np.flatnonzero((rows.length < 1) | (rows.length >= available))
        if len(bad):
            raise DataError(f"a {part} row of user {_user(split, rows.user[bad[0]])} has a history of "
                            f"{rows.length[bad[0]]} items, but the user has "
                            f"{available[bad[0]]}", _where(split), FIX)


def check_targets(split: Split) -> None:
    """Check that no target is among the items that train, and that none is a target twice."""
    trained = np.diff(split.train_offsets)
    places = []
    for part in PARTS:
        rows = split.rows(part)
        bad = np.flatnonzero(rows.length < trained[rows.user])
        if len(bad):
            raise DataError(f"a {part} target of user {_user(split, rows.user[bad[0]])} is among the items that train",
                            _where(split), FIX)
        places.append(split.data.offsets[rows.user] + rows.length)
    place, count = np.unique(np.concatenate(places), return_counts=True)
    if (count > 1).any():
        user = np.searchsorted(split.data.offsets, place[count > 1][0], side="right") - 1
        raise DataError(f"an item of user {_user(split, user)} is a target twice", _where(split), FIX)


def check_order_in_time(split: Split) -> None:
    """Check that no training item is later than a validation target, and none of these later than a test target."""
    if split.data.timestamps is None:
        raise DataError("has no timestamps to check the split by", _where(split), "Import the data with a time column.")
    times, offsets = split.data.timestamps, split.data.offsets
    user = np.repeat(np.arange(split.n_users), np.diff(offsets))
    trains = np.arange(len(times)) - offsets[user] < np.diff(split.train_offsets)[user]
    latest, before, who = times[trains].max(initial=-np.inf), "an item that trains", user[trains]
    who = who[times[trains].argmax()] if trains.any() else 0
    for part in PARTS:
        rows = split.rows(part)
        moments = times[offsets[rows.user] + rows.length]
        if len(moments) and moments.min() <= latest:
            raise DataError(f"{before} of user {_user(split, who)} is later than a {part} target of user "
                            f"{_user(split, rows.user[moments.argmin()])}, or as late", _where(split), FIX)
        if len(moments):
            latest, before, who = moments.max(), f"a {part} target", rows.user[moments.argmax()]


def check_known_items(split: Split) -> None:
    """Check that every target, and every item of a history, occurs among the items that train."""
    known = np.zeros(split.data.n_items, dtype=bool)
    known[split.train_items] = True
    unknown = np.concatenate([[0], np.cumsum(~known[split.data.items])])
    for part in PARTS:
        rows = split.rows(part)
        start = split.data.offsets[rows.user]
        bad = np.flatnonzero(unknown[start + rows.length + 1] > unknown[start])
        if len(bad):
            raise DataError(f"a {part} row of user {_user(split, rows.user[bad[0]])} has an item that no training "
                            "history has", _where(split), FIX)


def _user(split: Split, index):
    return split.data.user_ids[index]


def _where(split: Split) -> str:
    return f"split of data set {split.data.name}"


# When checks apply, the checks, and what is right once they pass.
CHECKS: list[tuple[Callable[[Split], bool], tuple[Callable[[Split], None], ...], str]] = [
    (lambda split: True, (check_rows, check_targets),
     "no target is among the items that train, and none is a target twice"),
    (lambda split: split.kind is SplitKind.IN_TIME and split.data.timestamps is not None, (check_order_in_time,),
     "nothing that trains is later than a target"),
    (lambda split: split.known_items, (check_known_items,),
     "every target and history of validation and test is known to training")]
