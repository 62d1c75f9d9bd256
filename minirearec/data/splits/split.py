"""The split of a data set: the items that train, and the rows that validate and test."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minirearec.data.sequences import Rows, SequenceData, SplitKind
from minirearec.errors import ConfigError, DataError

PARTS = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """What trains, and the rows (history, target) of the parts ``valid`` and ``test``.

    With leave-one-out each part has one row per user, in the order of the users. A cut in time gives a user any
    number of rows, or none.
    """

    data: SequenceData
    train_items: np.ndarray  # int32 [train interactions]: the first items of every user
    train_offsets: np.ndarray  # int64 [users + 1]
    valid: Rows
    test: Rows
    is_target: np.ndarray | None = None  # bool [train interactions]: items to predict in training; None: all of them

    @property
    def n_users(self) -> int:
        return self.data.n_users

    @property
    def kind(self) -> SplitKind:
        """Return how the split was made."""
        return SplitKind.LEAVE_ONE_OUT if self.data.given is None else self.data.given.kind

    @property
    def known_items(self) -> bool:
        """Return whether the split promises that targets and histories hold only items that train."""
        return self.data.given is not None and self.data.given.known_items

    @property
    def positions(self) -> int:
        """Count what training can learn from: targets with an item of the same user before them."""
        follows = np.ones(len(self.train_items) + 1, dtype=bool)
        follows[self.train_offsets] = False  # the first item of each user, and the place after the last
        return int((follows[:-1] if self.is_target is None else follows[:-1] & self.is_target).sum())

    @cached_property
    def popularity(self) -> np.ndarray:
        """Return how often each item occurs among those that train, int64 [V]."""
        return np.bincount(self.train_items, minlength=self.data.n_items)

    def n_rows(self, part: str) -> int:
        """Return the number of rows of a part: metrics are means over them."""
        return len(self.rows(part))

    def rows(self, part: str) -> Rows:
        """Return the rows of part ``valid`` or ``test``. Raises ConfigError for another name."""
        if part not in PARTS:
            raise ConfigError(f"unknown part {part!r} of a split", "part", f"Choose one of: {', '.join(PARTS)}.")
        return getattr(self, part)

    def target(self, part: str) -> np.ndarray:
        """Return the held-out item of every row, int32 [R]."""
        rows = self.rows(part)
        return self.data.items[self.data.offsets[rows.user] + rows.length]

    def history(self, row: int, part: str) -> np.ndarray:
        """Return what a model may see in one row: all items of the user before the target."""
        rows = self.rows(part)
        start = self.data.offsets[rows.user[row]]
        return self.data.items[start:start + rows.length[row]]

    def inputs(self, chosen: np.ndarray, part: str, max_length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the histories of many rows at once: items int32 [B, T], lengths int64 [B].

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


def check_usable(split: Split) -> None:
    """Raise DataError unless a model can be trained, validated and tested on a split."""
    where = f"data set {split.data.name}"
    if not split.positions:
        raise DataError("there is nothing to learn from: no user has two items in the training part", where,
                        "Some users need longer histories: at least 4 items with leave-one-out.")
    for part in PARTS:
        if not split.n_rows(part):
            raise DataError(f"there is nothing to evaluate: the {part} part has no rows", where,
                            "Import the data again, with a split that leaves rows for it.")


def given_split(data: SequenceData) -> Split:
    """Return the split that the data carry with them."""
    given = data.given
    assert given is not None
    train, train_offsets = first_items(data, given.train_lengths)
    is_target, _ = first_items(data, given.train_lengths, given.is_target)
    return Split(data, train, train_offsets, given.valid, given.test, None if is_target.all() else is_target)


def first_items(data: SequenceData, counts: np.ndarray, values=None) -> tuple[np.ndarray, np.ndarray]:
    """Return the first ``counts`` [users] items of every user (or ``values`` in their places), and their offsets."""
    place = np.arange(data.n_interactions) - np.repeat(data.offsets[:-1], np.diff(data.offsets))
    kept = place < np.repeat(counts, np.diff(data.offsets))
    return (data.items if values is None else values)[kept], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
