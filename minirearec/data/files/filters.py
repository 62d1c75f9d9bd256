"""Filters of interactions: functions from a table to a smaller one, in the order in which an import applies them."""

import numpy as np

from minirearec.data.files.interactions import Interactions
from minirearec.errors import ConfigError, DataError

TIES = ("file", "shuffle")
DUPLICATES = ("keep", "first", "last")


def above_rating(table: Interactions, threshold: float) -> Interactions:
    """Keep rows rated higher than ``threshold`` (strictly: > 3 keeps 4 and 5)."""
    if table.rating is None:
        raise DataError("there is a rating threshold, but no ratings", "import",
                        "Leave it out, or name the column with --rating-column.")
    return table.take(table.rating > threshold)


def in_order(table: Interactions, ties: str = "file", tie_seed: int = 0) -> Interactions:
    """Order rows user after user, each user's oldest first; without timestamps in the order of the file.

    Rows of one user with the same timestamp stay in the order of the file (``ties="file"``), or come in a random
    order that depends on ``tie_seed`` alone (``"shuffle"``), which shows how much a figure owes to the order.
    """
    if ties not in TIES:
        raise ConfigError(f"unknown rule for ties {ties!r}", "--ties", f"Choose one of: {', '.join(TIES)}.")
    keys = [table.user]  # lexsort takes the last key first and keeps the order of the file among equals
    if table.timestamp is not None:
        keys.insert(0, table.timestamp)
    if ties == "shuffle":
        if table.timestamp is None:
            raise DataError("there are ties to shuffle, but no timestamps", "import",
                            "Leave out --ties, or name the column with --time-column.")
        keys.insert(0, np.random.default_rng(tie_seed).random(len(table)))
    return table.take(np.lexsort(keys))


def without_duplicates(table: Interactions, which: str = "keep") -> Interactions:
    """Keep the ``first`` or the ``last`` of the rows of one user with one item, or all of them (``keep``)."""
    if which not in DUPLICATES:
        raise ConfigError(f"unknown rule for duplicates {which!r}", "--duplicates",
                          f"Choose one of: {', '.join(DUPLICATES)}.")
    if which == "keep" or not len(table):
        return table
    pair = table.user.astype(np.int64) * len(table.item_ids) + table.item
    if which == "first":
        return table.take(np.sort(np.unique(pair, return_index=True)[1]))
    last = len(pair) - 1 - np.unique(pair[::-1], return_index=True)[1]
    return table.take(np.sort(last))


def k_core(table: Interactions, users: int, items: int) -> Interactions:
    """Keep the largest part in which every user has at least ``users`` rows and every item ``items``.

    Users and items with fewer are removed together, again and again, until there are none: after a single pass
    some would have fewer than required.
    """
    if min(users, items) < 0:
        raise ConfigError(f"a core of {min(users, items)}", "--core", "It must be at least 0.")
    while len(table):
        enough = (np.bincount(table.user)[table.user] >= users) & (np.bincount(table.item)[table.item] >= items)
        if enough.all():
            break
        table = table.take(enough)
    return table


def tied_share(user: np.ndarray, timestamp: np.ndarray | None) -> float | None:
    """Return the share of rows with the same user and timestamp as another row; None without timestamps."""
    if timestamp is None or not len(user):
        return None
    order = np.lexsort((timestamp, user))
    user, timestamp = user[order], timestamp[order]
    same = (user[1:] == user[:-1]) & (timestamp[1:] == timestamp[:-1])
    return float((np.concatenate([[False], same]) | np.concatenate([same, [False]])).mean())
