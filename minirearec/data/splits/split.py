"""Splits of a data set into what trains, what selects the model and what judges it at the end."""

from dataclasses import dataclass, replace

import numpy as np

from minirearec.data.sequences import GivenSplit, Rows, SequenceData
from minirearec.errors import ConfigError, DataError

PARTS = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """What trains, and the rows (history, target) of the parts ``valid`` and ``test``.

    With leave-one-out each part has one row a user, in the order of the users. A cut in time gives a user any
    number of rows, none included.
    """

    data: SequenceData
    train_items: np.ndarray  # int32 [train interactions]: the first items of every user
    train_offsets: np.ndarray  # int64 [users + 1]
    valid: Rows
    test: Rows
    is_target: np.ndarray | None = None  # bool [train interactions]: items to be predicted in training; None: all

    @property
    def n_users(self) -> int:
        return self.data.n_users

    def n_rows(self, part: str) -> int:
        """How many rows a part has: metrics are means over them."""
        return len(self.rows(part))

    def rows(self, part: str) -> Rows:
        """The rows of part ``valid`` or ``test``. Raises ConfigError for another name."""
        if part not in PARTS:
            raise ConfigError(f"unknown part {part!r} of a split", "part", f"Choose one of: {', '.join(PARTS)}.")
        return getattr(self, part)

    def target(self, part: str) -> np.ndarray:
        """The held-out item of every row, int32 [R]."""
        rows = self.rows(part)
        return self.data.items[self.data.offsets[rows.user] + rows.length]

    def history(self, row: int, part: str) -> np.ndarray:
        """What a part may see in one row: all items of the user before the target."""
        rows = self.rows(part)
        start = self.data.offsets[rows.user[row]]
        return self.data.items[start:start + rows.length[row]]

    def inputs(self, chosen: np.ndarray, part: str, max_length: int) -> tuple[np.ndarray, np.ndarray]:
        """Histories of many rows at once: items int32 [B, T], lengths int64 [B].

        The newest ``max_length`` items of each, oldest first, padded on the right with 0; T is the longest
        of these. Note that 0 is a real item too: only the lengths tell where a history ends.
        Raises ConfigError for max_length < 1.
        """
        if max_length < 1:
            raise ConfigError(f"a history of at most {max_length} items", "max_length", "It must be at least 1.")
        rows, chosen = self.rows(part), np.asarray(chosen, dtype=np.int64)
        ends = self.data.offsets[rows.user[chosen]] + rows.length[chosen]
        lengths = np.minimum(rows.length[chosen], max_length)
        column = np.arange(lengths.max(initial=0))
        real = column < lengths[:, None]  # [B, T]
        positions = np.where(real, (ends - lengths)[:, None] + column, 0)
        return np.where(real, self.data.items[positions], np.int32(0)), lengths


def make_split(data: SequenceData) -> Split:
    """The split that belongs to the data, or leave-one-out for data without one of their own."""
    return leave_one_out(data) if data.given is None else given_split(data)


def leave_one_out(data: SequenceData) -> Split:
    """Split every user's history into train items, one validation and one test item.

    Raises DataError for a user with fewer than 3 items, and for data that carry another split: they were cut to fit
    it, and ``make_split`` gives it. Source: the protocol of SASRec
    (Kang and McAuley, ICDM 2018), as most work on these files follows it.
    """
    if data.given is not None:
        raise DataError(f"has a split of its own: {data.given.rule}", f"data set {data.name}",
                        "Use make_split; for leave-one-out import the source again without --split.")
    lengths = enough_items(data, 3, "Leave-one-out")
    train, train_offsets = first_items(data, lengths - 2)
    users = np.arange(data.n_users)
    return Split(data, train, train_offsets, Rows(users, lengths - 2), Rows(users, lengths - 1))


def last_n(data: SequenceData, n: int) -> Split:
    """Each user's last n items are test targets, the n before them validation targets, the rest trains.

    Raises DataError for a user with fewer than 2n + 1 items and ConfigError for n < 1.
    """
    if n < 1:
        raise ConfigError(f"the last {n} items", "last-n", "It must be at least 1.")
    lengths = enough_items(data, 2 * n + 1, f"A split into each user's last {n}")
    users, back = np.repeat(np.arange(data.n_users), n), np.tile(np.arange(n, 0, -1), data.n_users)
    given = GivenSplit(f"each user's last {n} {'item' if n == 1 else 'items'}", lengths - 2 * n,
                       np.ones(data.n_interactions, dtype=bool),
                       Rows(users, lengths[users] - n - back), Rows(users, lengths[users] - back))
    return given_split(replace(data, given=given))


def given_split(data: SequenceData) -> Split:
    """The split that the data carry with them."""
    given = data.given
    train, train_offsets = first_items(data, given.train_lengths)
    is_target, _ = first_items(data, given.train_lengths, given.is_target)
    return Split(data, train, train_offsets, given.valid, given.test, None if is_target.all() else is_target)


def first_items(data: SequenceData, counts: np.ndarray, values=None) -> tuple[np.ndarray, np.ndarray]:
    """The first ``counts`` [users] items of every user (or of ``values`` in their places), and their offsets."""
    place = np.arange(data.n_interactions) - np.repeat(data.offsets[:-1], np.diff(data.offsets))
    kept = place < np.repeat(counts, np.diff(data.offsets))
    return (data.items if values is None else values)[kept], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def enough_items(data: SequenceData, fewest: int, what: str) -> np.ndarray:
    """The lengths of all histories. Raises DataError when there are none, or one is shorter than ``fewest``."""
    lengths = np.diff(data.offsets)
    if len(lengths) == 0 or lengths.min() < fewest:
        short = f"user {data.user_ids[lengths.argmin()]} has {lengths.min()} items" if len(lengths) else "no users"
        raise DataError(short, f"data set {data.name}", f"{what} needs at least {fewest} items of every user.")
    return lengths
