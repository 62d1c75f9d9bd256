"""Batches hold every training position exactly once, with the right history and the right target."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data.batching import epoch_batches, iterate, training_windows

histories = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def flat(lengths):
    """Return training histories in which an item's number equals its place, so that every slice is recognisable."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return np.arange(offsets[-1]), offsets


@given(histories, st.integers(1, 15), st.integers(1, 60), st.integers(0, 99))
def test_every_position_is_counted_once_and_predicts_the_next_item(lengths, max_length, batch_positions, seed):
    items, offsets = flat(lengths)
    windows = training_windows(items, offsets, max_length)
    counted = []
    for batch in iterate(windows, batch_positions, np.random.default_rng(seed)):
        assert batch.items.shape == batch.targets.shape == batch.counted.shape
        assert batch.items.shape[1] <= max_length
        assert (batch.targets[batch.counted] == batch.items[batch.counted] + 1).all()
        counted += batch.items[batch.counted].tolist()
    last_items = set((offsets[1:] - 1).tolist())
    assert sorted(counted) == [place for place in range(len(items)) if place not in last_items]
    assert windows.positions == len(counted)


@given(histories, st.integers(1, 15), st.integers(1, 60), st.booleans())
def test_every_first_item_is_a_target_once(lengths, max_length, batch_positions, prefixes):
    """Those of histories that have a position besides."""
    items, offsets = flat(lengths)
    windows = training_windows(items, offsets, max_length, prefixes=prefixes, first_items=True)
    batches = list(iterate(windows, batch_positions, np.random.default_rng(0)))
    firsts = [first for batch in batches for first in batch.firsts.tolist()]
    assert sorted(firsts) == offsets[:-1][np.diff(offsets) > 1].tolist()
    assert windows.positions == sum(batch.positions for batch in batches) == len(firsts) + sum(
        int(batch.counted.sum()) for batch in batches)
    some = training_windows(items, offsets, max_length, items % 2 == 0, prefixes, first_items=True)
    chosen = [first for batch in iterate(some, 7, np.random.default_rng(0)) for first in batch.firsts.tolist()]
    assert set(chosen) <= set(firsts) and not any(first % 2 for first in chosen)


@given(histories, st.integers(1, 15))
def test_windows_are_the_newest_items_of_one_history(lengths, max_length):
    items, offsets = flat(lengths)
    windows = training_windows(items, offsets, max_length)
    owner = np.searchsorted(offsets, windows.start, side="right") - 1
    assert (windows.stop < offsets[owner + 1]).all() and (windows.start >= offsets[owner]).all()
    # A counted position sees its whole history, or at least half of max_length of it.
    context = windows.counts_from - windows.start + 1
    assert ((windows.start == offsets[owner]) | (context > max_length // 2)).all()


def test_batches_have_the_asked_size_and_little_padding():
    rng = np.random.default_rng(0)
    items, offsets = flat(1 + rng.geometric(0.15, size=3000))
    windows = training_windows(items, offsets, 50)
    batches = epoch_batches(windows, 500, rng)
    sizes = [windows.lengths[batch].sum() for batch in batches]
    padded = sum(len(batch) * windows.lengths[batch].max() for batch in batches)
    assert max(sizes) < 600
    assert padded < 1.5 * windows.positions < len(windows.start) * 50 / 2


@given(histories, st.integers(1, 15), st.integers(1, 60), st.integers(0, 99), st.booleans())
def test_single_prefixes_are_the_newest_items_before_each_target(lengths, max_length, batch_positions, seed, some):
    """In a batch of prefixes the last position alone is trained; groups say which rows are of one history."""
    items, offsets = flat(lengths)
    is_target = np.random.default_rng(seed).random(len(items)) < 0.5 if some else None
    windows = training_windows(items, offsets, max_length, is_target, prefixes=True)
    found = []
    for batch in iterate(windows, batch_positions, np.random.default_rng(seed)):
        assert batch.counted.all() and batch.counted.shape == batch.targets.shape == (len(batch.items), 1)
        targets = batch.targets[:, 0]
        for row, length, target, history in zip(batch.items, batch.lengths, targets, batch.groups, strict=True):
            first = max(offsets[history], target - max_length)
            assert row[:length].tolist() == list(range(first, target)) and not row[length:].any()
            assert target < offsets[history + 1]
        found += targets.tolist()
    wanted = sorted(set(range(len(items))) - set(offsets[:-1].tolist()))
    assert sorted(found) == [place for place in wanted if is_target is None or is_target[place]]
    assert windows.positions == len(found) == training_windows(items, offsets, max_length, is_target).positions


def test_single_prefixes_have_little_padding():
    rng = np.random.default_rng(0)
    items, offsets = flat(1 + rng.geometric(0.15, size=3000))
    windows = training_windows(items, offsets, 50, prefixes=True)
    batches = list(iterate(windows, 500, rng))
    assert sorted({len(batch.items) for batch in batches}) == [windows.positions % 500, 500]
    assert sum(batch.items.size for batch in batches) < 1.4 * windows.lengths.sum()  # padded to 50 it would be 7 times


def test_rows_of_a_batch_are_taken_with_everything_that_belongs_to_them():
    items, offsets = flat([4, 3])
    [batch] = iterate(training_windows(items, offsets, 9, prefixes=True), 99, np.random.default_rng(0))
    part = batch.take(slice(1, None, 2))
    for name, value in vars(batch).items():
        assert np.array_equal(getattr(part, name), value[1::2])
    [shared] = iterate(training_windows(items, offsets, 9), 99, np.random.default_rng(0))
    assert shared.take(slice(1, 2)).lengths is None and shared.take(slice(1, 2)).groups.tolist() == [1]


def test_the_order_follows_the_generator():
    items, offsets = flat([5] * 40)
    windows = training_windows(items, offsets, 50)
    first, again, other = ([batch.items.tolist() for batch in iterate(windows, 20, np.random.default_rng(seed))]
                           for seed in (1, 1, 2))
    assert first == again != other
