"""Groups of targets: against sorting by hand."""

import numpy as np
import pytest

from minirearec.analysis.groups import by_quarter, quarters
from minirearec.analysis.pictures import by_group
from minirearec.evaluation.metrics import bootstrap_interval


def test_quarters_are_equal_parts_of_the_sorted_targets():
    numbers = np.array([5, 1, 3, 3, 9, 0, 3, 2, 7])
    by_hand = sorted(range(9), key=lambda place: (numbers[place], place))
    assert np.concatenate(quarters(numbers)).tolist() == by_hand
    assert [len(group) for group in quarters(numbers)] == [3, 2, 2, 2]
    assert [len(group) for group in quarters(numbers[:2])] == [1, 1]


def test_each_group_has_the_means_and_paired_gains_of_its_targets():
    rng = np.random.default_rng(0)
    values, numbers = {"step 0": rng.random(40), "step 1": rng.random(40)}, rng.integers(0, 30, 40)
    users = np.arange(40) // 2
    found = by_quarter(values, numbers, users)
    limits = sorted(numbers)
    assert [(group.low, group.high) for group in found] == [
        (limits[first], limits[first + 9]) for first in (0, 10, 20, 30)]
    for group, own in zip(found, quarters(numbers), strict=True):
        gain = (values["step 1"] - values["step 0"])[own]
        assert group.targets == 10 and set(group.gains) == {"step 1"}
        assert group.rows["step 0"].value == pytest.approx(values["step 0"][own].mean())
        assert group.gains["step 1"].value == pytest.approx(gain.mean())
        assert (group.gains["step 1"].low, group.gains["step 1"].high) == pytest.approx(
            bootstrap_interval(gain, users=users[own]))


def test_groups_between_the_same_numbers_have_names_of_their_own():
    numbers = np.array([3, 3, 3, 3, 3, 3, 3, 5])
    found = by_quarter({"step 0": np.arange(8.0), "step 1": np.arange(8.0)}, numbers, np.arange(8))
    assert [group.name for group in found] == ["3 to 3 (1)", "3 to 3 (2)", "3 to 3 (3)", "3 to 5"]
    assert len(by_group(found)["step 1"]) == 4
