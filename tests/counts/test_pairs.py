"""Weighted counts of pairs, against loops; and the strongest of each item."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config
from minirearec.counts.kernels import kernel
from minirearec.counts.pairs import Pairs, count_pairs
from tests.counts.slow import V, histories, popularity, split_of, transitions


@given(histories, st.integers(1, 13), st.sampled_from([("power", 0.5), ("exponential", 0.7), ("logarithmic", 1.0)]))
def test_counts_of_pairs(rows, window, gap):
    settings = Config.make(window=window, gap_kernel=gap[0], gap_decay=gap[1]).counting
    pairs, expected = count_pairs(split_of(rows), kernel(*gap, window)), transitions(rows, settings)
    found = {(int(a), int(v)): count for a, v, count in zip(pairs.first, pairs.second, pairs.count, strict=True)}
    assert found == pytest.approx({(a, v): count for a, own in expected.items() for v, count in own.items()})
    assert list(found) == sorted(found) and pairs.users == len(rows)
    assert pairs.often.tolist() == [popularity(rows)[item] for item in range(V)]
    for a in range(V):
        assert pairs.second[pairs.starts[a]:pairs.starts[a + 1]].tolist() == sorted(expected[a])


def test_the_strongest_pairs_of_each_item():
    pairs = Pairs(np.array([0, 0, 0, 0, 2, 2]), np.array([0, 1, 3, 4, 1, 2]), np.array([1.0, 5, 1, 2, 3, 3]),
                  np.ones(5, dtype=int), 3)
    kept = pairs.strongest(3)
    assert kept.first.tolist() == [0, 0, 0, 2, 2], "items with fewer keep all"
    assert kept.second.tolist() == [0, 1, 4, 1, 2], "of two equal ones, the first item"
    assert kept.count.tolist() == [1, 5, 2, 3, 3]
    assert kept.starts.tolist() == [0, 3, 3, 5, 5, 5] and pairs.strongest(9).second.tolist() == pairs.second.tolist()
