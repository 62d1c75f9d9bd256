"""The published figures: for Beauty.txt alone, and in a plausible order."""

import pytest

from minirearec.data import card
from minirearec.evaluation.published import BEAUTY, BEAUTY_SHA256, reference_points


def test_the_file_is_the_one_of_the_card():
    assert card("beauty").file.sha256 == BEAUTY_SHA256
    assert reference_points(BEAUTY_SHA256) == BEAUTY
    assert reference_points("0" * 64) == ()


def test_points_are_plausible():
    for point in BEAUTY:
        for values in (point.recall_at_10, point.ndcg_at_10):
            assert list(values) == sorted(values) and all(0 < value < 0.2 for value in values)
        assert not point.recall_at_10 or max(point.ndcg_at_10) < max(point.recall_at_10)


@pytest.mark.parametrize("point", BEAUTY, ids=lambda point: point.model)
def test_every_point_says_where_it_comes_from(point):
    assert point.source and point.ndcg_at_10, "without NDCG@10 it has no place in the table"
    assert len(point.ndcg_at_10) <= 2 and len(point.recall_at_10) <= 2, "one value, or lowest and highest"
