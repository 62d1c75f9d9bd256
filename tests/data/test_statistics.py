"""The figures of a data set, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import last_n
from minirearec.data.features import Features
from minirearec.data.features.kept import KeptFeatures
from minirearec.data.statistics import spread, statistics, top_share
from tests.data.splits.stories import STORY, make, plain


def test_sizes_repeats_and_ties():
    found = statistics(make(STORY))
    assert (found["users"], found["items"], found["interactions"]) == (3, 10, 13)
    assert found["repeats"] == pytest.approx(1 / 13), "user 102 has item 2 twice"
    assert found["sparsity"] == pytest.approx(1 - 12 / 30)
    assert found["tied_timestamps"] == 0 and (found["first_time"], found["last_time"]) == (1, 30)
    assert found["split"] == {"rule": "leave-one-out", "train": 7, "valid": 3, "test": 3}
    assert (found["titles"], found["texts"], found["features"]) == (0, {}, None)


def test_what_is_known_of_the_items():
    data = replace(make(STORY), texts={"brand": np.array(["Ace"] + [""] * 9, dtype=object)},
                   titles=np.array(["a", "b"] + [""] * 8, dtype=object), features=Features(np.eye(10, 3), "by hand"))
    found = statistics(data)
    assert (found["titles"], found["texts"]) == (2, {"brand": 1})
    assert found["features"] == {"origin": "by hand", "width": 3, "missing": 7, "alike": 0,
                                 "sha256": data.features.sha256}


def test_unusable_features_are_told_and_do_not_stop_the_rest(tmp_path):
    found = statistics(replace(make(STORY), features=KeptFeatures(tmp_path / "none", make(STORY))))
    assert list(found["features"]) == ["error"] and "features.toml: cannot be read" in found["features"]["error"]


def test_the_rule_of_the_split_is_told():
    found = statistics(last_n(plain([[1, 2, 3, 4, 5]] * 2), 2).data)
    assert found["split"] == {"rule": "each user's last 2 items", "train": 2, "valid": 4, "test": 4}
    assert found["tied_timestamps"] is found["first_time"] is found["last_time"] is None


@pytest.mark.parametrize("counts, bins", [
    ([1], [(1, 1, 1)]), ([0, 1, 2, 3, 4], [(1, 1, 1), (2, 3, 2), (4, 7, 1)]), ([8, 15, 16], [(8, 15, 2), (16, 31, 1)])])
def test_bins_double(counts, bins):
    found = spread(np.array(counts))
    assert [(row["low"], row["high"], row["count"]) for row in found["histogram"]] == bins
    assert (found["lowest"], found["highest"]) == (min(counts), max(counts))
    assert (found["mean"], found["median"]) == (pytest.approx(np.mean(counts)), np.median(counts))


def test_share_of_the_most_popular():
    assert top_share(np.array([3, 1])) == 3 / 4
    assert top_share(np.r_[np.full(198, 1), 101, 101]) == 202 / 400
