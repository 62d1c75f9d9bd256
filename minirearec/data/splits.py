"""Splits of a data set into what trains, what selects the model and what judges it at the end."""

from dataclasses import dataclass

import numpy as np

from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, DataError

HELD_OUT = {"valid": 2, "test": 1}  # items at a history's end that the input of each part must not see


@dataclass(frozen=True, eq=False)
class Split:
    """Leave-one-out: the last item of a user is the test target, the one before the validation target."""

    data: SequenceData
    train_items: np.ndarray  # int32 [train interactions]: all but the last two items of every user
    train_offsets: np.ndarray  # int64 [users + 1]
    valid_target: np.ndarray  # int32 [users]
    test_target: np.ndarray  # int32 [users]

    @property
    def n_users(self) -> int:
        return len(self.valid_target)

    def target(self, part: str) -> np.ndarray:
        """The held-out item of every user, int32 [users], of part ``valid`` or ``test``."""
        return {"valid": self.valid_target, "test": self.test_target}[_checked(part)]

    def history(self, user_index: int, part: str) -> np.ndarray:
        """What a part may see of one user: ``valid`` the train items, ``test`` the validation item too."""
        return self.data.history(user_index)[:-HELD_OUT[_checked(part)]]

    def inputs(self, users: np.ndarray, part: str, max_length: int) -> tuple[np.ndarray, np.ndarray]:
        """Histories of many users at once: items int32 [B, T], lengths int64 [B].

        The newest ``max_length`` items of each, oldest first, padded on the right with 0; T is the longest
        of these. Note that 0 is a real item too: only the lengths tell where a history ends.
        Raises ConfigError for max_length < 1.
        """
        if max_length < 1:
            raise ConfigError(f"a history of at most {max_length} items", "max_length", "It must be at least 1.")
        users = np.asarray(users, dtype=np.int64)
        ends = self.data.offsets[users + 1] - HELD_OUT[_checked(part)]
        lengths = np.minimum(ends - self.data.offsets[users], max_length)
        column = np.arange(lengths.max(initial=0))
        real = column < lengths[:, None]  # [B, T]
        positions = np.where(real, (ends - lengths)[:, None] + column, 0)
        return np.where(real, self.data.items[positions], np.int32(0)), lengths


def leave_one_out(data: SequenceData) -> Split:
    """Split every user's history into train items, one validation and one test item.

    Raises DataError for a user with fewer than 3 items. Source: the protocol of SASRec
    (Kang and McAuley, ICDM 2018), as most work on these files follows it.
    """
    lengths, ends = np.diff(data.offsets), data.offsets[1:]
    if len(lengths) == 0 or lengths.min() < 3:
        short = f"user {data.user_ids[lengths.argmin()]} has {lengths.min()} items" if len(lengths) else "no users"
        raise DataError(short, f"data set {data.name}", "Leave-one-out needs at least 3 items of every user.")
    train = np.ones(data.n_interactions, dtype=bool)
    train[ends - 1] = train[ends - 2] = False
    train_offsets = data.offsets - 2 * np.arange(data.n_users + 1)
    return Split(data, data.items[train], train_offsets, data.items[ends - 2], data.items[ends - 1])


def _checked(part: str) -> str:
    if part not in HELD_OUT:
        raise ConfigError(f"unknown part {part!r} of a split", "part", f"Choose one of: {', '.join(HELD_OUT)}.")
    return part
