"""Lists, counted item by item."""

import numpy as np
import pytest

from minirearec.evaluation.lists import ListCounter, top
from minirearec.evaluation.scorers import Row


def test_coverage_popularity_and_novelty_by_hand():
    rng, popularity = np.random.default_rng(0), np.arange(30)
    counter, listed = ListCounter(popularity, np.array([2, 4])), []
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
    assert found.bias == pytest.approx(np.mean(listed) / 3)
    assert found.novelty == pytest.approx(np.mean([-np.log2((item + 1) / (435 + 30)) for item in listed]))


def test_a_catalogue_shorter_than_a_list():
    counter = ListCounter(np.array([1, 2, 3]), np.array([0]))
    counter.watch(Row("step 0", 0), np.array([[1.0, 2.0, 3.0]]), (np.array([0]), np.array([1])))
    assert counter.listed["excluded", "step 0", 10].tolist() == [1, 0, 1]


def test_lists_of_several_lengths_with_and_without_seen_items():
    rng, popularity = np.random.default_rng(1), np.arange(12)
    scores = rng.permuted(np.tile(np.arange(12.0), (5, 1)), axis=1)
    seen = np.array([0, 0, 3]), np.array([scores[0].argmax(), 5, scores[3].argmax()])
    counter = ListCounter(popularity, np.array([1]), (1, 3, 12), kept=True)
    counter.watch(Row("answer", None), scores.copy(), seen)
    for k in (1, 3, 12):
        for name, left_out in (("kept", set()), ("excluded", set(zip(*map(list, seen), strict=True)))):
            often = [0] * 12
            for user in range(5):
                items = sorted(range(12), key=lambda item, user=user: -scores[user, item])
                for item in [item for item in items if (user, item) not in left_out][:k]:
                    often[item] += 1
            assert counter.listed[name, "answer", k].tolist() == often


def test_items_that_training_never_saw_and_lists_without_items():
    counter = ListCounter(np.zeros(2, int), np.array([0]))
    counter.watch(Row("answer", None), np.zeros((1, 2)), (np.array([0, 0]), np.array([0, 1])))
    [found] = counter.found().values()
    assert (found.coverage, found.popularity, found.bias, found.novelty) == (0, 0, None, 0)


def test_of_equal_scores_the_first_items_are_listed():
    scores = np.array([[1.0, 3.0, 1.0, 1.0, 2.0], [0, 0, 0, 0, 0], [5, 4, 3, 2, 1]])
    assert top(scores, 3).tolist() == [[0, 1, 4], [0, 1, 2], [0, 1, 2]] and top(scores, 5).tolist() == [[*range(5)]] * 3
    drawn = np.random.default_rng(0).integers(0, 4, (50, 30)).astype(np.float32)
    for k in (1, 7, 29):
        best = [sorted(np.lexsort((np.arange(30), -row))[:k]) for row in drawn]
        assert top(drawn, k).tolist() == best
