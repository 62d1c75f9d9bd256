"""Followers are the strongest pairs of each item as probabilities, against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config
from minirearec.counts.followers import find_followers
from tests.counts.slow import V, histories, split_of, transitions


@given(histories, st.integers(1, 12), st.sampled_from(["pctm", "rules", "item-to-item"]))
def test_the_strongest_followers_of_each_item(rows, most, counts):
    config = Config.make(method="base", counts=counts, soft_targets="counts", soft_followers=most, soft_items=3)
    found, expected = find_followers(config, split_of(rows)), transitions(rows, config.counting)
    assert found.items.shape == found.chances.shape == (V, most)
    for item in range(V):
        own = {int(v): chance for v, chance in zip(found.items[item], found.chances[item], strict=True) if chance}
        kept = sorted(expected[item].items(), key=lambda pair: (-round(pair[1], 9), pair[0]))[:most]
        total = sum(count for _, count in kept)
        assert sorted(own.values()) == pytest.approx(sorted(count / total for _, count in kept), rel=1e-5)
        assert own == pytest.approx({v: expected[item][v] / total for v in own}, rel=1e-5)
        assert sum(own.values()) == pytest.approx(1.0 if kept else 0.0, rel=1e-5)


def test_newest_items_weigh_as_in_the_count_model():
    config = Config.make(method="base", counts="pctm", soft_targets="counts", soft_items=3)
    assert find_followers(config, split_of([[1, 2, 3, 4]])).weights == pytest.approx([1, 0.6, 0.36])


def test_no_soft_targets_need_no_counts():
    assert find_followers(Config.make(), split_of([[1, 2, 3, 4]])) is None
    assert np.array_equal(find_followers(Config.make(method="teacher"), split_of([[1, 2, 3, 4]])).chances[1, :1], [1])
