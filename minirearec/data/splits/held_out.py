"""Holding out each user's last items: leave-one-out, and the last n."""

from dataclasses import replace

import numpy as np

from minirearec.data.sequences import GivenSplit, Rows, SequenceData, SplitKind
from minirearec.data.splits.split import Split, first_items, given_split
from minirearec.errors import ConfigError, DataError


def make_split(data: SequenceData) -> Split:
    """Return the split that belongs to the data, or leave-one-out for data without one of their own."""
    return leave_one_out(data) if data.given is None else given_split(data)


def leave_one_out(data: SequenceData) -> Split:
    """Split every user's history into training items, one validation item and one test item.

    Raises DataError for a user with fewer than 3 items, and for data that carry another split: they were reduced
    to fit it, and ``make_split`` returns it. Source: the protocol of SASRec (Kang and McAuley, ICDM 2018), which most
    work on these files follows.
    """
    if data.given is not None:
        raise DataError(f"has a split of its own: {data.given.rule}", f"data set {data.name}",
                        "Use make_split; for leave-one-out import the source again without --split.")
    lengths = enough_items(data, 3, "Leave-one-out")
    train, train_offsets = first_items(data, lengths - 2)
    users = np.arange(data.n_users)
    return Split(data, train, train_offsets, Rows(users, lengths - 2), Rows(users, lengths - 1))


def last_n(data: SequenceData, n: int) -> Split:
    """Test on each user's last n items, validate on the n before them, and train on the rest.

    Raises DataError for a user with fewer than 2n + 1 items and ConfigError for n < 1.
    """
    if n < 1:
        raise ConfigError(f"the last {n} items", "last-n", "It must be at least 1.")
    lengths = enough_items(data, 2 * n + 1, f"A split into each user's last {n}")
    users, back = np.repeat(np.arange(data.n_users), n), np.tile(np.arange(n, 0, -1), data.n_users)
    given = GivenSplit(SplitKind.LAST_N, f"each user's last {n} {'item' if n == 1 else 'items'}", lengths - 2 * n,
                       np.ones(data.n_interactions, dtype=bool),
                       Rows(users, lengths[users] - n - back), Rows(users, lengths[users] - back))
    return given_split(replace(data, given=given))


def enough_items(data: SequenceData, fewest: int, what: str) -> np.ndarray:
    """Return the lengths of all histories. Raises DataError if there are none, or one is shorter than ``fewest``."""
    lengths = np.diff(data.offsets)
    if len(lengths) == 0 or lengths.min() < fewest:
        short = f"user {data.user_ids[lengths.argmin()]} has {lengths.min()} items" if len(lengths) else "no users"
        raise DataError(short, f"data set {data.name}", f"{what} needs at least {fewest} items of every user.")
    return lengths
