"""hops: the answer is in the history, at the end of the chain and nowhere before."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minirearec.data import card, load, make_split
from minirearec.data.batching import iterate, training_windows
from minirearec.data.made.hops import HOPS, PLACES, STATIONS, follow, hops, hops_of_users, part_of_users
from minirearec.data.sequences import content_sha256
from minirearec.data.splits.leakage import check, check_known_items
from minirearec.errors import ConfigError


@pytest.fixture(scope="module")
def data():
    return hops(users=600)


def test_counts_are_those_of_the_card():
    expected, made = card("hops"), load("hops")
    assert (made.n_users, made.n_items, made.n_interactions) == (expected.users, expected.items, expected.interactions)
    assert made.sha256 == content_sha256(made) != load("hops", seed=1).sha256 and made.synthetic
    assert made.given.rule == expected.split


@given(seed=st.integers(0, 99), places=st.sampled_from([5, 7, 11]), longest=st.integers(1, 4),
       stations=st.integers(2, 7))
def test_stations_are_reached_by_following_the_pointers(seed, places, longest, stations):
    assume(stations <= places)
    made = hops(seed, 40, places, longest, stations)
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
    check_known_items(split)
    windows, trained = training(split), part_of_users(data.n_users) == "train"
    batches = iterate(windows, 500, np.random.default_rng(0))
    targets = np.concatenate([batch.targets[batch.counted] for batch in batches])
    assert len(targets) == split.is_target.sum() == trained.sum() * (STATIONS - 1) == windows.positions
    for part in ("valid", "test"):
        targets = np.concatenate([targets, split.target(part)])
    assert all(title.startswith("at ") for title in data.titles[np.unique(targets)])
    assert len(targets) == data.n_users * (STATIONS - 1), "every station but the first is a target once"


def test_users_of_rows_train_on_nothing(data):
    """A user for validation or test has no target in training, and vice versa; eight of ten train."""
    split = make_split(data)
    windows = training(split)
    users = [set(np.searchsorted(split.train_offsets, windows.start, side="right") - 1)]
    users += [set(split.rows(part).user) for part in ("valid", "test")]
    assert [len(some) for some in users] == [480, 60, 60] and len(set.union(*users)) == data.n_users


def test_answer_of_every_row_is_in_its_history(data):
    split, numbers = make_split(data), hops_of_users(data)
    for part in ("valid", "test"):
        targets = data.titles[split.target(part)]
        for row, user in enumerate(split.rows(part).user):
            assert follow(data.titles[split.history(row, part)].tolist(), numbers[user]) == targets[row]


def test_every_position_of_a_row_is_trained(data):
    """The newest items of evaluated rows are at exactly the positions that training counts."""
    split = make_split(data)
    windows = training(split)
    asked = np.concatenate([batch.counted.nonzero()[1] for batch in iterate(windows, 500, np.random.default_rng(0))])
    for part in ("valid", "test"):
        assert set(split.rows(part).length - 1) == set(asked)


def test_every_number_of_hops_is_equally_frequent(data):
    split, numbers = make_split(data), hops_of_users(data)
    trained = np.repeat(numbers, np.diff(split.train_offsets))[split.is_target]
    for found in (trained, numbers[split.valid.user], numbers[split.test.user]):
        counts = np.bincount(found)[1:]
        assert len(counts) == HOPS and len(set(counts.tolist())) == 1


def training(split):
    return training_windows(split.train_items, split.train_offsets, 50, split.is_target)


@pytest.mark.parametrize("sizes, message", [
    ({"places": 8}, "2 hops among 8 places return after 4 stations"), ({"stations": 1}, "At least 2 stations"),
    ({"longest": 0}, "and 1 hop"), ({"places": 4}, "1 hops among 4 places"), ({"users": 29}, "At least 30 users")])
def test_impossible_sizes(sizes, message):
    with pytest.raises(ConfigError, match=message):
        hops(**sizes)
