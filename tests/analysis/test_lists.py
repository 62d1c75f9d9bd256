"""Lists, counted item by item."""

import numpy as np
import pytest

from minirearec.analysis.lists import ListCounter
from minirearec.evaluation.scorers import Row


def test_coverage_popularity_and_novelty_by_hand():
    rng, popularity = np.random.default_rng(0), np.arange(30)
    counter, listed = ListCounter(popularity), []
    for _ in range(2):
        scores = rng.permuted(np.tile(np.arange(30.0), (2, 1)), axis=1)
        seen = np.array([0, 0, 1]), np.array([4, 7, 7])
        for user in (0, 1):
            items = sorted(range(30), key=lambda item, user=user: -scores[user, item])
            listed += [item for item in items if (user, item) not in {(0, 4), (0, 7), (1, 7)}][:10]
        counter.watch(Row("step 0", 0), scores, seen)
    [found] = counter.found().values()
    assert found.coverage == len(set(listed)) / 30
    assert found.popularity == pytest.approx(np.mean(listed))
    assert found.novelty == pytest.approx(np.mean([-np.log2((item + 1) / (435 + 30)) for item in listed]))


def test_a_catalogue_shorter_than_a_list():
    counter = ListCounter(np.array([1, 2, 3]))
    counter.watch(Row("step 0", 0), np.array([[1.0, 2.0, 3.0]]), (np.array([0]), np.array([1])))
    assert counter.listed["step 0"].tolist() == [1, 0, 1]
