"""The items of a data set: their ids as in the source and, where known, their titles."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minirearec.errors import HistoryError

WHOLE = re.compile("[+-]?[0-9]{1,19}")
PADDING_ID = 0  # in `user item item ...` files; our indices 0..V-1 are all real items
SHOWN = 5  # unknown ids that a message names before it counts the rest


@dataclass(frozen=True, eq=False)
class Items:
    """What a model can recommend. Item index i of the model is ``ids[i]``, with the title ``titles[i]``."""

    dataset: str  # the name of the data set, for messages
    ids: np.ndarray  # [V], sorted: int64, or text
    titles: np.ndarray | None = None  # [V], text

    @cached_property
    def _index(self) -> dict:
        return {original: index for index, original in enumerate(self.ids.tolist())}

    def indices(self, original_ids) -> np.ndarray:
        """Return the indices int32 [T] of a history given as original item ids, in the same order; see ``as_id``.

        Raises HistoryError, naming the ids, when some are unknown, when there are none at all, and for what is no list
        of ids.
        """
        where = f"history for data set {self.dataset}"
        if isinstance(original_ids, str) or not isinstance(original_ids, Iterable):
            raise HistoryError(f"expected a list of item ids, got {original_ids!r}", where, "Write [ID, ID, ...].")
        ids = [as_id(one, self.ids) for one in original_ids]
        for one in ids:
            if not isinstance(one, Hashable):
                raise HistoryError(f"expected item ids, got {one!r} among them", where, "Write [ID, ID, ...].")
        if not ids:
            raise HistoryError("the history is empty", where, "Give at least one item id.")
        indices = [self._index.get(original) for original in ids]
        unknown = [original for original, index in zip(ids, indices, strict=True) if index is None]
        if unknown:
            more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
            listed = ", ".join(map(str, unknown[:SHOWN])) + more
            padding = f" {PADDING_ID} is the padding id, not an item." if PADDING_ID in unknown else ""
            raise HistoryError(f"unknown item id{'s' if len(unknown) > 1 else ''} {listed}", where,
                               f"The {len(self.ids):,} item ids lie between {self.ids[0]} and {self.ids[-1]}.{padding}")
        return np.array(indices, dtype=np.int32)

    def search(self, words: str) -> np.ndarray:
        """Return the indices of the items whose title has all of some words, in any case; exact ones alone if any.

        Raises HistoryError when there are no titles, and when none fits.
        """
        where = f"titles of data set {self.dataset}"
        if self.titles is None:
            raise HistoryError("the data have no titles", where, "Give item ids instead.")
        titles = [str(title).casefold() for title in self.titles]
        exact = [index for index, title in enumerate(titles) if title == words.casefold()]
        wanted = words.casefold().split()
        found = exact or [index for index, title in enumerate(titles)
                          if wanted and all(word in title for word in wanted)]
        if not found:
            raise HistoryError(f"no title has {words!r}", where, "Try fewer words, or give item ids.")
        return np.array(found)


def as_id(value, ids: np.ndarray):
    """Return an id in the type of these ids: "12" is 12 where ids are numbers, and 12 is "12" where they are text."""
    if isinstance(value, (bool, np.bool)):
        return str(value)  # no id: True is not 1
    if ids.dtype.kind in "iu":
        return int(value) if isinstance(value, str) and WHOLE.fullmatch(value) else value
    return str(value) if isinstance(value, (int, np.integer)) else value
