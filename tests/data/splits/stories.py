"""Data of users who are lists of (item, time)."""

import numpy as np

from minirearec.data import SequenceData


def make(histories) -> SequenceData:
    """Data of users who are lists of (item, time)."""
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in histories])]).astype(np.int64)
    flat = [pair for row in histories for pair in row]
    return SequenceData("t", np.array([item for item, _ in flat], dtype=np.int32), offsets,
                        np.arange(100, 100 + len(histories)), np.arange(1, 11), "", True, "",
                        timestamps=np.array([time for _, time in flat], dtype=np.float64))


STORY = [[(0, 1), (1, 2), (2, 3), (3, 14)], [(1, 1), (2, 5), (0, 16), (3, 25)],
         [(2, 2), (3, 4), (1, 9), (0, 24), (1, 30)]]


def plain(rows) -> SequenceData:
    """Data of users who are lists of items, without times."""
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    items = np.array([item for row in rows for item in row], dtype=np.int32)
    return SequenceData("t", items, offsets, np.arange(len(rows)), np.arange(1, 11), "", True, "")
