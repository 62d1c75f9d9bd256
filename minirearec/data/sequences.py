"""A data set as the rest of the library sees it: one flat array of items and where each user begins."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from minirearec.data.files.lines import short
from minirearec.data.items import Items, as_id
from minirearec.errors import DataError
from minirearec.shown import Shown
from minirearec.text import printable

if TYPE_CHECKING:
    from minirearec.data.features import Features

STRETCH = 1 << 20  # values that a digest reads at a time


class SplitKind(StrEnum):
    """How a split was made, as stored in dataset.toml. It decides which checks apply; see ``splits.leakage``."""

    LEAVE_ONE_OUT = "leave-one-out"
    LAST_N = "last-n"
    IN_TIME = "in-time"
    BY_USERS = "by-users"
    CUSTOM = "custom"  # rows chosen in some other way


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of an evaluation: each a user and how many of the user's items come before the target.

    The history of a row is the user's first ``length`` items, the target is the item after them.
    """

    user: np.ndarray  # int64 [R], user indices
    length: np.ndarray  # int64 [R], at least 1

    def __len__(self) -> int:
        return len(self.user)

    def take(self, chosen) -> "Rows":
        """Return some of the rows: a slice, or their numbers."""
        return Rows(self.user[chosen], self.length[chosen])

    def some(self, count: int) -> "Rows":
        """Return ``count`` rows drawn at random, always the same ones; all rows for 0 or if there are no more."""
        if not 0 < count < len(self):
            return self
        return self.take(np.sort(np.random.default_rng(0).choice(len(self), count, replace=False)))


@dataclass(frozen=True, eq=False)
class GivenSplit:
    """A split that belongs to the data, as after a cut in time; without one, data are split by leave-one-out."""

    kind: SplitKind
    rule: str  # in words, for people
    train_lengths: np.ndarray  # int64 [users]: how many of a user's first items train
    is_target: np.ndarray  # bool [interactions]: whether an item, when it trains, is one to be predicted
    valid: Rows
    test: Rows
    known_items: bool = False  # promised: every target, and every item of a history, occurs among the items that train


@dataclass(frozen=True, eq=False, repr=False)
class SequenceData(Shown):
    """Histories of all users, one after the other, each with its oldest item first.

    Items are indices 0..V-1 into ``item_ids``; there is no padding item. ``titles``, where the source
    has them, holds one title per item in the same order; so does each of ``texts``.
    """

    name: str
    items: np.ndarray  # int32 [interactions], item indices
    offsets: np.ndarray  # int64 [users + 1]; user u owns items[offsets[u]:offsets[u + 1]]
    user_ids: np.ndarray  # [users], as in the source: int64, or text
    item_ids: np.ndarray  # [V], as in the source, sorted: int64, or text
    sha256: str  # of the source file; of the arrays when synthetic
    synthetic: bool
    source: str  # where it came from, in one line for people
    titles: np.ndarray | None = None
    timestamps: np.ndarray | None = None  # float64 [interactions], in the unit of the source
    given: GivenSplit | None = None
    where: str = ""  # what load() finds it by again: a data set's name or a path; empty for data made in Python
    training: dict = field(default_factory=dict)  # settings that suit it better than the defaults; see Config.for_data
    texts: dict[str, np.ndarray] = field(default_factory=dict)  # besides titles, by role; see ``files.texts``
    features: "Features | None" = None  # vectors of the items, where load() found some; read on first use

    def __post_init__(self):
        assert self.items.dtype == np.int32 and self.offsets.dtype == np.int64
        assert self.offsets[0] == 0 and self.offsets[-1] == len(self.items)
        assert len(self.offsets) == len(self.user_ids) + 1 and (np.diff(self.offsets) >= 0).all()
        assert self.timestamps is None or len(self.timestamps) == len(self.items)

    def __len__(self) -> int:
        return self.n_users

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows of the data."""
        return {"name": self.name + " (SYNTHETIC DATA)" * self.synthetic, "users": f"{self.n_users:,}",
                "items": f"{self.n_items:,}", "interactions": f"{self.n_interactions:,}",
                "split": self.given.rule if self.given else "leave-one-out"}

    @property
    def n_users(self) -> int:
        """Return the number of users, which is also ``len(data)``."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        return len(self.item_ids)

    @property
    def n_interactions(self) -> int:
        return len(self.items)

    @cached_property
    def catalogue(self) -> Items:
        """Return the items, which a run keeps with its weights."""
        return Items(self.name, self.item_ids, self.titles)

    def history(self, user_index: int) -> np.ndarray:
        """Return the item indices [T] of one user, oldest first. Raises DataError for an index that no user has."""
        if not 0 <= user_index < self.n_users:
            raise DataError(f"no user has index {user_index}", f"data set {self.name}",
                            f"Indices run from 0 to {self.n_users - 1}; user_index() gives the index of a user id.")
        return self.items[self.offsets[user_index]:self.offsets[user_index + 1]]

    def user_index(self, user_id) -> int:
        """Return the index of the user with this original id, as a number or as text. Raises DataError for none."""
        found = np.flatnonzero(self.user_ids == as_id(user_id, self.user_ids))
        if len(found) == 0:
            examples = ", ".join(map(str, self.user_ids[:3].tolist()))
            raise DataError(f"unknown user {user_id}", f"data set {self.name}",
                            f"It has {self.n_users:,} users, with ids such as {examples}.")
        return int(found[0])

    def item_indices(self, original_ids) -> np.ndarray:
        """Return the indices int32 [T] of a history given as original item ids, in the same order.

        Raises HistoryError, naming the ids, when some are unknown, and when there are none at all.
        """
        return self.catalogue.indices(original_ids)


def check_name(name: str, where: str, fix: str) -> None:
    """Raise DataError for a name of a data set that cannot be part of a file's name: runs are called after it."""
    if not name.strip() or name != printable(name) or set(name) & set("/\\\n\t"):
        raise DataError(f"a data set cannot be called {short(name)!r}", where, fix)


def array_sha256(*arrays: np.ndarray) -> str:
    """Return the sha256 of the values of integer arrays; it is the same on machines of either byte order."""
    digest = hashlib.sha256()
    for array in arrays:
        _add(digest, array, "<i8")
    return digest.hexdigest()


def _add(digest, array: np.ndarray, kind: str) -> None:
    """Add the values of an array to a digest, a stretch at a time: there is never a second copy of a large array."""
    for start in range(0, len(array), STRETCH):
        digest.update(array[start:start + STRETCH].astype(kind).tobytes())


def content_sha256(data: SequenceData) -> str:
    """Return the sha256 of everything that a model or a split can see of the data; it identifies imported data.

    Names, sources, titles and the words for the split do not enter; ids do, so that a run's recommendations keep
    their meaning.
    """
    digest = hashlib.sha256(array_sha256(data.items, data.offsets).encode())
    for ids in (data.user_ids, data.item_ids):
        digest.update("\n".join(map(str, ids.tolist())).encode() + b"\0")
    if data.timestamps is not None:
        digest.update(b"timestamps")
        _add(digest, data.timestamps, "<f8")
    if data.given is not None:
        given = data.given
        digest.update(b"given" + array_sha256(given.train_lengths, given.is_target, given.valid.user,
                                              given.valid.length, given.test.user, given.test.length).encode())
    return digest.hexdigest()
