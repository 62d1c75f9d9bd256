"""beauty-sim: exact totals, the shape of real data, and structure that only sequences show."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minirearec.data import beauty_sim, card
from minirearec.data.made.beauty_sim import Recipe
from minirearec.errors import ConfigError

SMALL = {"users": 200, "items": 80, "interactions": 1600}


@pytest.fixture(scope="module")
def full():
    return beauty_sim()


def owners(data):
    return np.repeat(np.arange(data.n_users), np.diff(data.offsets))


def assert_five_core_without_repeats(data):
    assert np.diff(data.offsets).min() >= 5
    assert np.bincount(data.items, minlength=data.n_items).min() >= 5
    assert len(np.unique(owners(data) * data.n_items + data.items)) == data.n_interactions


def test_published_totals(full):
    expected = card("beauty-sim")
    assert (full.n_users, full.n_items, full.n_interactions) == (
        expected.users, expected.items, expected.interactions)
    assert (full.synthetic, full.name) == (True, "beauty-sim") and "seed 0" in full.source
    assert_five_core_without_repeats(full)


def test_lengths_have_a_long_tail(full):
    lengths = np.diff(full.offsets)
    assert lengths.max() == 200
    assert np.median(lengths) < lengths.mean() < np.percentile(lengths, 90)
    assert abs(np.corrcoef(lengths, np.arange(full.n_users))[0, 1]) < 0.05, "users come in no order of length"


def test_popularity_is_a_power_law(full):
    counts = np.sort(np.bincount(full.items))[::-1]
    assert counts[:full.n_items // 100].sum() > 0.05 * counts.sum()
    middle = np.arange(full.n_items // 50, full.n_items // 3)  # between the flattened head and the floor of 5
    slope, _ = np.polyfit(np.log(middle + 1), np.log(counts[middle]), 1)
    assert -1.5 < slope < -0.5
    by_id = np.bincount(full.items, minlength=full.n_items)
    assert abs(np.corrcoef(by_id, np.arange(full.n_items))[0, 1]) < 0.05, "ids do not give popularity away"


def successor_hits(data, shuffled: bool = False, gap: int = 1) -> float:
    """Measure how often the item ``gap`` places after an item is its commonest successor, counted on other users."""
    items, owner = data.items, owners(data)
    if shuffled:  # the same histories in another order
        items = items[np.lexsort((np.random.default_rng(0).random(len(items)), owner))]
    inside = owner[gap:] == owner[:-gap]
    before, after, train = items[:-gap][inside], items[gap:][inside], owner[gap:][inside] % 2 == 0
    pairs, counts = np.unique(before[train].astype(np.int64) * data.n_items + after[train], return_counts=True)
    best = np.full(data.n_items, -1)
    order = np.argsort(counts, kind="stable")  # the commonest is written last
    best[pairs[order] // data.n_items] = pairs[order] % data.n_items
    return (best[before[~train]] == after[~train]).mean()


def test_order_is_planted(full):
    popularity = np.bincount(full.items).max() / full.n_interactions
    ordered, shuffled = successor_hits(full, False), successor_hits(full, True)
    assert ordered > 10 * popularity, "the last item tells the next one far better than popularity"
    assert ordered > 1.5 * shuffled, "and it is the order that tells"


def test_without_following_order_means_nothing():
    recipe = Recipe(follow=0.0, taste=0.0)
    data = beauty_sim(users=3000, items=1000, interactions=30000, recipe=recipe)
    assert abs(successor_hits(data, False) - successor_hits(data, True)) < 0.01


@pytest.mark.parametrize("recency, gap", [((1.0,), 1), ((0.0, 1.0), 2), ((0.0, 0.0, 1.0), 3)])
def test_the_followed_item_is_the_one_that_recency_says(recency, gap):
    recipe = Recipe(follow=1.0, taste=0.0, recency=recency, successors=(0.7, 0.3))
    data = beauty_sim(users=3000, items=1000, interactions=30000, recipe=recipe)
    hits = {other: successor_hits(data, gap=other) for other in (1, 2, 3)}
    assert all(hits[gap] > 1.25 * hits[other] for other in hits if other != gap), hits


def test_same_seed_same_data():
    first, again, other = beauty_sim(3, **SMALL), beauty_sim(3, **SMALL), beauty_sim(4, **SMALL)
    assert (first.items == again.items).all() and first.sha256 == again.sha256
    assert first.sha256 != other.sha256


@given(seed=st.integers(0, 99), users=st.integers(5, 60), items=st.integers(10, 60), data=st.data())
def test_any_possible_size(seed, users, items, data):
    least, most = 5 * max(users, items), users * (items // 2)
    assume(least <= most)
    total = data.draw(st.integers(least, most) | st.sampled_from([least, most]))
    made = beauty_sim(seed, users, items, total)
    assert (made.n_users, made.n_items, made.n_interactions) == (users, items, total)
    assert_five_core_without_repeats(made)


@pytest.mark.parametrize("sizes, message", [
    ({"items": 9}, "9 items, fewer than 10"),
    ({"users": 4}, "4 users, fewer than 5"),
    ({"interactions": 999}, "999 interactions are fewer than 5 for each of 200 users"),
    ({"items": 400}, "1600 interactions are fewer than 5 for each of 200 users and 400 items"),
    ({"interactions": 8001}, "8001 interactions are more than 40 for each of 200 users"),
])
def test_impossible_sizes(sizes, message):
    with pytest.raises(ConfigError, match=message):
        beauty_sim(**{**SMALL, **sizes})
