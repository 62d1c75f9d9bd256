"""hops: the answer is in the history, at the end of the chain and nowhere before."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minirearec.data import card, load, make_split
from minirearec.data.batching import iterate, training_windows
from minirearec.data.hops import PLACES, STATIONS, follow, hops, hops_of_users
from minirearec.data.leakage import check
from minirearec.data.sequences import content_sha256
from minirearec.errors import ConfigError


@pytest.fixture(scope="module")
def data():
    return hops(users=600)


def test_counts_are_those_of_the_card():
    expected, made = card("hops"), load("hops")
    assert (made.n_users, made.n_items, made.n_interactions) == (expected.users, expected.items, expected.interactions)
    assert made.sha256 == content_sha256(made) != load("hops", seed=1).sha256 and made.synthetic


@given(seed=st.integers(0, 99), places=st.sampled_from([5, 7, 11]), longest=st.integers(1, 4), stations=st.integers(4, 7))
def test_stations_are_reached_by_following_the_pointers(seed, places, longest, stations):
    assume(stations <= places)
    made = hops(seed, 20, places, longest, stations)
    for user, number in enumerate(hops_of_users(made, longest)):
        history = made.titles[made.history(user)].tolist()
        assert len(history) == places + stations and len(set(history)) == len(history)
        assert sorted(line[:line.index(" ")] for line in history[:places]) == sorted(map(str, range(places)))
        for place in range(places + 1, len(history)):
            assert follow(history[:place], number) == history[place]
            assert all(follow(history[:place], looks) != history[place] for looks in range(number)), "not before"


def test_fewer_looks_say_nothing(data):
    """What the first pointer leads to is as often any other place: the target of two hops is not in a look."""
    numbers = hops_of_users(data)
    for number in (2, 3):
        pairs = []
        for user in np.flatnonzero(numbers == number):
            history = data.titles[data.history(user)].tolist()
            one_look, target = (follow(history[:-1], looks).split(",")[0][3:] for looks in (1, number))
            pairs.append((int(target) - int(one_look)) % PLACES)
        counts = np.bincount(pairs, minlength=PLACES)
        assert counts[0] == 0 and counts[1:].max() < 2.2 * len(pairs) / (PLACES - 1)


def test_only_stations_are_targets(data):
    split = make_split(data)
    check(split)
    windows = training_windows(split.train_items, split.train_offsets, 50, split.is_target)
    targets = np.concatenate([batch.targets[batch.counted] for batch in iterate(windows, 500, np.random.default_rng(0))])
    assert len(targets) == data.n_users * (STATIONS - 3)
    for part in ("valid", "test"):
        targets = np.concatenate([targets, split.target(part)])
    assert all(title.startswith("at ") for title in data.titles[np.unique(targets)])
    assert split.is_target.sum() == data.n_users * (STATIONS - 3)


@pytest.mark.parametrize("sizes, message", [
    ({"places": 8}, "2 hops among 8 places come back after 4 stations"), ({"stations": 3}, "at least 4 stations"),
    ({"longest": 0}, "at least 4 stations"), ({"places": 4}, "1 hops among 4 places"), ({"users": 0}, "1 user")])
def test_impossible_sizes(sizes, message):
    with pytest.raises(ConfigError, match=message):
        hops(**sizes)
