"""A table of interactions: who, what, and if known how much and when. Built row by row from plain arrays.

A row takes 20 bytes and an id is kept once, so millions of rows fit into memory; no object is made for a row.
"""

import re
from array import array
from dataclasses import dataclass, field, replace

import numpy as np

from minirearec.data.files.lines import check_text, short
from minirearec.data.files.texts import Texts
from minirearec.data.sequences import SequenceData
from minirearec.errors import DataError

LONGEST_ID = 200  # characters
_MISSING = {"", "nan", "null", "none"}
_WHOLE = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, eq=False)
class Interactions:
    """Rows in the order of the file. Users are numbered as they first occur, items in the order of their ids."""

    user: np.ndarray  # int32 [n], indices into user_ids
    item: np.ndarray  # int32 [n], indices into item_ids
    user_ids: np.ndarray  # int64, or text
    item_ids: np.ndarray  # int64, or text; sorted
    rating: np.ndarray | None = None  # float64 [n]
    timestamp: np.ndarray | None = None  # float64 [n]
    titles: np.ndarray | None = None  # [items], objects
    texts: dict[str, np.ndarray] = field(default_factory=dict)  # as in SequenceData

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: np.ndarray) -> "Interactions":
        """Return some rows, by number or by mask; ids keep their numbers."""
        pick = [None if column is None else column[rows]
                for column in (self.user, self.item, self.rating, self.timestamp)]
        return replace(self, user=pick[0], item=pick[1], rating=pick[2], timestamp=pick[3])


class Ids:
    """Number ids as they first occur, and check each of them once."""

    def __init__(self, what: str):
        self.what, self.index = what, {}

    def add(self, text: str, where) -> int:
        """Return the number of an id that may be new. Raises DataError for a missing, negative or unusable one.

        ``where`` is put into words (``str``) only for an error.
        """
        text = text.strip()
        known = self.index.get(text)
        return self._new(text, where) if known is None else known

    def _new(self, text: str, where) -> int:
        where = str(where)
        if text.lower() in _MISSING:
            raise DataError(f"the {self.what} id is missing ({text!r})" if text else
                            f"the {self.what} id is missing, or neither text nor a whole number",
                            where, "Every row needs a user and an item, as text or whole numbers.")
        if text[0] == "-" and text[1:].isdigit():
            raise DataError(f"negative {self.what} id {short(text)}", where,
                            "Such numbers usually mean that a value is missing: remove these rows, or rename the ids.")
        if len(text) > LONGEST_ID:
            raise DataError(f"the {self.what} id {short(text)!r} has {len(text):,} characters", where,
                            f"An id has at most {LONGEST_ID}.")
        check_text(text, f"{self.what} id", where)
        return self.index.setdefault(text, len(self.index))

    def array(self) -> np.ndarray:
        """Return the ids by number: int64 when all are whole numbers below 2^63 written plainly, text otherwise."""
        return id_array(list(self.index))


class Builder:
    """Collect rows one at a time. ``rating`` and ``timestamp`` say whether the table has them."""

    def __init__(self, rating: bool = False, timestamp: bool = False):
        self.users, self.items = Ids("user"), Ids("item")
        self.user, self.item = array("i"), array("i")
        self.rating, self.timestamp, self.has = array("d"), array("d"), (rating, timestamp)
        self.texts = Texts()

    def add(self, user: str, item: str, where) -> None:
        """Append a row; its rating and timestamp are appended by the caller."""
        self.user.append(self.users.add(user, where))
        self.item.append(self.items.add(item, where))

    def table(self) -> Interactions:
        """Return the table, its items renumbered in the order of their ids."""
        item_ids = self.items.array()
        order = np.argsort(item_ids, kind="stable")
        number = np.empty(len(order), dtype=np.int32)
        number[order] = np.arange(len(order))
        texts = self.texts.arrays(order.tolist())
        rating, timestamp = (np.frombuffer(values, dtype=np.float64) + 0.0 if has else None  # -0 becomes 0
                             for values, has in zip((self.rating, self.timestamp), self.has, strict=True))
        return Interactions(np.frombuffer(self.user, dtype=np.int32).copy(),
                            number[np.frombuffer(self.item, dtype=np.int32)],
                            self.users.array(), item_ids[order], rating, timestamp, texts.pop("title", None), texts)


def id_array(texts: list[str]) -> np.ndarray:
    """Return ids as int64 when all are whole numbers below 2^63 without leading zeros, else as text."""
    if all(len(text) <= 19 and _WHOLE.fullmatch(text) for text in texts):
        values = [int(text) for text in texts]
        if max(values, default=0) < 2**63:
            return np.array(values, dtype=np.int64)
    return np.array(texts, dtype=str)


def table_of(data: SequenceData) -> Interactions:
    """Return the interactions of a data set, user after user."""
    user = np.repeat(np.arange(data.n_users, dtype=np.int32), np.diff(data.offsets))
    return Interactions(user, np.asarray(data.items), data.user_ids, data.item_ids, None, data.timestamps, data.titles,
                        data.texts)
