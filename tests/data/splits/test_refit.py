"""The split of a refit trains on everything up to the validation targets, and never on a test target."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import Config
from minirearec.data import by_time, last_n, leave_one_out
from minirearec.data.made.hops import hops
from minirearec.data.sequences import Rows
from minirearec.data.splits import fitted_split, make_split, with_validation
from minirearec.data.splits.leakage import check
from minirearec.errors import ConfigError
from tests.data.splits.stories import STORY, make, plain

histories = st.lists(st.lists(st.integers(0, 9), min_size=7, max_size=12), min_size=1, max_size=8)


def pairs(split) -> list[tuple]:
    """Return every history and target that trains, as tuples."""
    found = []
    for user in range(split.n_users):
        own = slice(split.train_offsets[user], split.train_offsets[user + 1])
        items = split.train_items[own].tolist()
        counted = [True] * len(items) if split.is_target is None else split.is_target[own].tolist()
        found += [(*items[:place], items[place]) for place in range(1, len(items)) if counted[place]]
    return sorted(found)


def rows(split, part) -> list[tuple]:
    """Return every history and target of a part, as tuples."""
    return sorted((*split.history(row, part).tolist(), int(target)) for row, target in enumerate(split.target(part)))


@given(histories, st.integers(1, 3))
def test_held_out_items_of_validation_train(given_rows, n):
    for split in (leave_one_out(plain(given_rows)), last_n(plain(given_rows), n)):
        refit = with_validation(split)
        assert pairs(refit) == sorted(pairs(split) + rows(split, "valid"))
        assert rows(refit, "test") == rows(split, "test") and not refit.n_rows("valid")
        check(refit)


@pytest.mark.parametrize("min_history, known_items", [(1, True), (1, False), (2, True)])
def test_a_cut_in_time(min_history, known_items):
    split = by_time(make(STORY), (4, 20), "date", min_history=min_history, known_items=known_items)
    refit = with_validation(split)
    assert rows(split, "valid") and pairs(refit) == sorted(pairs(split) + rows(split, "valid"))
    assert rows(refit, "test") == rows(split, "test")
    check(refit)


def test_users_who_only_validate_train_with_their_targets_alone():
    """Their first items are pointers, which are history in training too."""
    split = make_split(hops(users=40))
    refit = with_validation(split)
    assert len(set(split.valid.user)) == 3 and set(split.valid.length) == {8, 9, 10, 11}
    assert pairs(refit) == sorted(pairs(split) + rows(split, "valid"))
    assert refit.positions == split.positions + split.n_rows("valid")


def test_a_test_target_before_a_validation_target_allows_no_refit():
    split = leave_one_out(make(STORY))
    users = np.array([0, 1])
    mixed = replace(split, valid=Rows(users, np.array([2, 3])), test=Rows(users, np.array([3, 2])))
    with pytest.raises(ConfigError, match="--refit: a test target of user 101 comes before a validation target, so"):
        with_validation(mixed)


def test_the_split_that_fitted_the_model_of_a_part():
    split = leave_one_out(make(STORY))
    for refit, part, extended in ((False, "test", False), (True, "valid", False), (True, "test", True)):
        found = fitted_split(split, Config.make(refit=refit), part)
        assert (len(found.train_items) > len(split.train_items)) == extended
