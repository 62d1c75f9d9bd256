"""Filters against plain definitions."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data.files.filters import tied_share
from minirearec.data.files.importing import Filters, import_file
from minirearec.errors import DataError
from tests.data.files.examples import csv_of, histories, put

tables = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 5), st.integers(0, 4)), min_size=1,
                  max_size=40)


def filtered_by_hand(rows, filters: Filters):
    """Return the rows that should be left, by the definitions, one filter at a time."""
    if filters.above is not None:
        rows = [row for row in rows if row[2] > filters.above]
    rows = sorted(rows, key=lambda row: row[3])  # stable: ties stay in the order of the file
    if filters.duplicates != "keep":
        kept = {}
        for number, row in enumerate(rows):
            if filters.duplicates == "last" or row[:2] not in kept:
                kept[row[:2]] = number
        rows = [rows[number] for number in sorted(kept.values())]
    while True:
        users, items = Counter(row[0] for row in rows), Counter(row[1] for row in rows)
        left = [row for row in rows if users[row[0]] >= max(filters.core, filters.min_history)
                and items[row[1]] >= filters.core]
        if len(left) == len(rows):
            return left
        rows = left


@given(tables, st.sampled_from([None, 2, 3.5]), st.sampled_from(["keep", "first", "last"]), st.integers(0, 4),
       st.integers(1, 4))
def test_filters_are_what_they_say(tmp_path_factory, rows, above, duplicates, core, min_history):
    path = put(tmp_path_factory.mktemp("filters"), "x.csv", csv_of(rows))
    filters = Filters(above=above, duplicates=duplicates, core=core, min_history=min_history)
    left, steps = filtered_by_hand(rows, filters), []
    if not left:
        with pytest.raises(DataError, match="x.csv: no interactions are left"):
            import_file(path, filters=filters)
        return
    data = import_file(path, filters=filters, on_step=steps.append)
    expected = {}
    for user, item, *_ in left:
        expected.setdefault(user, []).append(item)
    assert histories(data) == expected
    assert (steps[0].what, steps[0].interactions) == ("read", len(rows))
    assert (steps[-1].users, steps[-1].items, steps[-1].interactions) == (data.n_users, data.n_items, len(left))


def test_a_core_needs_more_than_one_pass(tmp_path):
    """User 3 falls with item 30, and then item 20 with user 3."""
    rows = [(1, 10), (1, 11), (2, 10), (2, 11), (1, 20), (3, 20), (3, 30)]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows)), filters=Filters(core=2, min_history=0))
    assert histories(data) == {1: [10, 11], 2: [10, 11]}


def test_ties_stay_or_are_shuffled_by_their_seed_alone(tmp_path):
    rows = [("u", item, 1, item // 20) for item in range(60)]
    path = put(tmp_path, "x.csv", csv_of(rows))

    def order(**options):
        return import_file(path, filters=Filters(**options)).items.tolist()

    first, again, other = (order(ties="shuffle", tie_seed=seed) for seed in (1, 1, 2))
    assert order() == list(range(60)) != first == again != other
    assert [item // 20 for item in first] == [0] * 20 + [1] * 20 + [2] * 20, "only ties move"


def test_share_of_ties():
    assert tied_share(np.array([1, 1, 1, 2]), np.array([5.0, 5.0, 6.0, 5.0])) == 0.5
    assert tied_share(np.array([1, 2]), None) is None
