"""Training batches: every prefix of every training history, with histories of similar length side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

# Batches are cut from pools of this many batches' worth of windows, sorted by length inside the pool:
# little padding, while which users meet in a batch stays random.
POOL_BATCHES = 16


@dataclass(frozen=True)
class Batch:
    """Histories side by side, and which of their positions are trained.

    Either all positions of a history share a pass, Q = T. Or a row is a single prefix and only its last position is
    trained, Q = 1; the batch then has lengths.
    """

    items: np.ndarray  # [B, T] item indices, padded on the right with 0
    targets: np.ndarray  # [B, Q] the item that follows each position
    counted: np.ndarray  # [B, Q] booleans: positions that enter the loss
    lengths: np.ndarray | None = None  # [B] items of each prefix
    groups: Any = None  # [B] integers, equal for prefixes of the same history; default: every row is a history
    ends: Any = None  # [B] items of each row without padding; default: all
    begins: Any = None  # [B] booleans: rows whose first item is a target too, of the empty history; default: none

    def __post_init__(self):
        if self.ends is None:
            object.__setattr__(self, "ends", np.full(len(self.items), self.items.shape[1]))
        if self.begins is None:
            object.__setattr__(self, "begins", np.zeros(len(self.items), dtype=bool))
        if self.groups is None:
            object.__setattr__(self, "groups", np.arange(len(self.items)))

    @property
    def firsts(self) -> np.ndarray:
        """Return the first items that are targets [F]."""
        return self.items[self.begins, 0]

    @property
    def positions(self) -> int:
        """Count the positions in the loss, the empty histories among them."""
        return int(self.counted.sum() + self.begins.sum())

    def take(self, rows: slice) -> "Batch":
        """Return some of the rows."""
        lengths = None if self.lengths is None else self.lengths[rows]
        return Batch(self.items[rows], self.targets[rows], self.counted[rows], lengths, self.groups[rows],
                     self.ends[rows], self.begins[rows])


@dataclass(frozen=True)
class Windows:
    """Stretches of the training histories that fit the model, with inputs items[start:stop].

    Positions from ``counts_from`` on enter the loss; the ones before were counted in an earlier window.
    """

    items: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    counts_from: np.ndarray
    is_target: np.ndarray | None = None  # bool, one per item: whether it is predicted; None: all are
    history: np.ndarray | None = None  # of windows that are single prefixes: the number of their history
    begins: Any = False  # bool, one per window: whether its first item is a target, of the empty history

    @property
    def lengths(self) -> np.ndarray:
        return self.stop - self.start

    @property
    def counted(self) -> np.ndarray:
        """Return how many positions of each window are in the loss."""
        if self.is_target is None:
            return self.stop - self.counts_from + self.begins
        before = np.concatenate([[0], np.cumsum(self.is_target)])  # targets among the first items
        return before[self.stop + 1] - before[self.counts_from + 1] + self.begins

    @property
    def positions(self) -> int:
        """Count the training positions of an epoch: every prefix of at least one item with a next item to predict."""
        return int(self.counted.sum())


def training_windows(items: np.ndarray, offsets: np.ndarray, max_length: int, is_target: np.ndarray | None = None,
                     prefixes: bool = False, first_items: bool = False) -> Windows:
    """Cut training histories into windows that hold every position exactly once.

    With ``prefixes``, for a backbone that is not causal, every position is a window of its own: the newest max_length
    items of the prefix that ends there. Otherwise positions share windows:

    A history of n items has n - 1 inputs. Up to max_length of them make one window. Longer histories
    continue in windows that overlap by half: their counted positions see the newest max_length/2 to
    max_length items. (Giving each such position the full max_length would double the work of an epoch
    on Beauty for 3 % of its positions.) With ``is_target`` [items] only positions before a target count, and
    windows without one are left out. With ``first_items``, the first item of a history is a target as well, in the
    window that begins with it, if there is one; for single prefixes, in that of one item.
    Source: BSARec, arXiv 2312.10325, in its code.
    """
    windows = _prefixes(items, offsets, max_length, is_target) if prefixes \
        else _windows(items, offsets, max_length, is_target)
    if not first_items:
        return windows
    begins = np.isin(windows.start, offsets[:-1]) & (not prefixes or windows.lengths == 1)
    return replace(windows, begins=begins & (True if is_target is None else is_target[windows.start]))


def _windows(items: np.ndarray, offsets: np.ndarray, max_length: int, is_target: np.ndarray | None) -> Windows:
    """Return the windows whose positions share a pass."""
    rows = []
    stride = max(1, max_length // 2)
    for begin, end in zip(offsets[:-1].tolist(), (offsets[1:] - 1).tolist(), strict=True):
        stop = min(begin + max_length, end)
        if stop > begin:
            rows.append((begin, stop, begin))
        while stop < end:
            counted, stop = stop, min(stop + stride, end)
            rows.append((stop - max_length, stop, counted))
    start, stop, counts_from = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    windows = Windows(items, start, stop, counts_from, is_target)
    if is_target is None:
        return windows
    used = windows.counted > 0
    return Windows(items, start[used], stop[used], counts_from[used], is_target)


def _prefixes(items: np.ndarray, offsets: np.ndarray, max_length: int, is_target: np.ndarray | None) -> Windows:
    """Return a window for every prefix with a next item to predict."""
    history = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    stop = np.arange(len(items))
    stop = stop[(stop > offsets[history]) & (True if is_target is None else is_target)]
    history = history[stop]
    return Windows(items, np.maximum(offsets[history], stop - max_length), stop, stop - 1, is_target, history)


def epoch_batches(windows: Windows, batch_positions: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the windows of each batch of one epoch, in random order: arrays of window numbers.

    A batch is complete when it has at least ``batch_positions`` counted positions.
    """
    counted = windows.counted
    order = rng.permutation(len(counted))
    pools = _cut(order, counted, batch_positions * POOL_BATCHES)
    batches = []
    for pool in pools:
        by_length = pool[np.argsort(windows.lengths[pool], kind="stable")]
        batches += _cut(by_length, counted, batch_positions)
    return [batches[index] for index in rng.permutation(len(batches))]


def _cut(order: np.ndarray, counted: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut an order of windows where the counted positions pass multiples of ``size``."""
    before = np.cumsum(counted[order]) - counted[order]
    return np.split(order, np.flatnonzero(np.diff(before // size)) + 1) if len(order) else []


def make_batch(windows: Windows, chosen: np.ndarray) -> Batch:
    """Gather windows into one right-padded batch."""
    lengths, begins = windows.lengths[chosen], np.broadcast_to(windows.begins, len(windows.start))[chosen]
    column = np.arange(lengths.max())
    place = windows.start[chosen, None] + column  # [B, T]
    real = column < lengths[:, None]
    place = np.where(real, place, windows.start[chosen, None])
    items = np.where(real, windows.items[place], 0).astype(np.int64)
    if windows.history is not None:
        targets = windows.items[windows.stop[chosen], None].astype(np.int64)
        return Batch(items, targets, np.ones_like(targets, dtype=bool), lengths, windows.history[chosen], lengths,
                     begins)
    targets = np.where(real, windows.items[place + 1], 0).astype(np.int64)
    counted = real & (place >= windows.counts_from[chosen, None])
    if windows.is_target is not None:
        counted &= windows.is_target[np.where(real, place + 1, place)]
    return Batch(items, targets, counted, ends=lengths, begins=begins)


def iterate(windows: Windows, batch_positions: int, rng: np.random.Generator, skip: int = 0) -> Iterator[Batch]:
    """Yield the batches of one epoch, without the first ``skip`` of them."""
    for chosen in epoch_batches(windows, batch_positions, rng)[skip:]:
        yield make_batch(windows, chosen)
