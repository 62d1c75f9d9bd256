"""Lines against their bases: paired over users and over the seeds that both have."""

import numpy as np
import pytest

from minirearec.evaluation.full_ranking import ORACLE
from minirearec.evaluation.metrics import bootstrap_interval, per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.studies.results import packed
from minirearec.studies.tables import Source, StudyResult, compare_lines, means, ranks_of


def run(*above, **rows):
    """Return a run whose answer has these places, and further rows."""
    places = {"a": above, **rows}
    ranks = {name: Ranks(np.array(one), np.zeros(len(one), int)) for name, one in places.items()}
    return {"fitted_on": "train", "steps": ["a"], "ranks": {name: packed(one) for name, one in ranks.items()},
            "test": {name: {metric: float(values.mean()) for metric, values in per_user(one).items()}
                     for name, one in ranks.items()}, "valid": {"a": {"NDCG@20": float(sum(above))}}}


def source(name, base, **seeds):
    runs = {int(seed[1:]): one for seed, one in seeds.items()}
    return Source(name, base, {}, runs, lambda one: "a", {})


def test_a_difference_is_paired_over_users_and_common_seeds():
    base = source("base", "base", s0=run(0, 3, 9), s1=run(1, 1, 1))
    other = source("other", "base", s0=run(0, 0, 0), s1=run(1, 0, 5), s2=run(9, 9, 9))
    first, second = compare_lines([base, other], "NDCG@10", np.arange(3))
    gain = lambda places: 1 / np.log2(np.array(places) + 2.0)  # noqa: E731
    change = (gain([0, 0, 0]) - gain([0, 3, 9]) + gain([1, 0, 5]) - gain([1, 1, 1])) / 2
    assert first.difference is None and second.difference is not None
    found = second.difference.difference
    assert found.value == pytest.approx(change.mean())
    assert (found.low, found.high) == pytest.approx(bootstrap_interval(change))
    assert second.by_seed == pytest.approx([gain(places).mean() for places in ([0, 0, 0], [1, 0, 5], [9, 9, 9])])
    assert second.test["NDCG@10"] == pytest.approx(np.mean(second.by_seed)) and second.seeds == [0, 1, 2]
    assert second.valid == {"NDCG@20": pytest.approx((0 + 6 + 27) / 3)}


def test_a_line_without_common_seeds_has_no_difference():
    alone = compare_lines([source("base", "base", s0=run(1)), source("other", "base", s1=run(0)),
                           source("third", "missing", s0=run(0))], "NDCG@10", np.arange(1))
    assert [line.difference for line in alone] == [None] * 3


def test_a_row_that_equals_its_base_is_not_compared():
    """So it does not make Holm's correction stricter for others."""
    base, same = source("base", "base", s0=run(0, 3)), source("same", "base", s0=run(0, 3))
    found = compare_lines([base, same, source("other", "base", s0=run(1, 2))], "NDCG@10", np.arange(2))
    assert [line.difference is None for line in found] == [True, True, False]


def test_the_oracle_follows_from_the_steps():
    one = {**run(5, 0, 2), "steps": ["a", "b"]}
    one["ranks"]["b"] = packed(Ranks(np.array([1, 4, 2]), np.zeros(3, int)))
    assert ranks_of(one, ORACLE).above.tolist() == [1, 0, 2]


def test_records_have_the_same_columns():
    lines = compare_lines([source("base", "base", s0=run(0, 3)), source("other", "base", s0=run(0, 0))], "NDCG@10",
                          np.arange(2))
    rows = StudyResult("x", "?", "rows", {}, "NDCG@10", True, lines, []).records()
    assert rows[0].keys() == rows[1].keys() and rows[0]["p"] is None and rows[1]["compared with"] == "base"
    assert rows[1]["difference"] > 0 and rows[1]["validation NDCG@20"] == 0


def test_means():
    assert means([{"a": 1.0}, {"a": 2.0}]) == {"a": 1.5} and means([]) == {}


def test_the_targets_of_a_user_are_drawn_together():
    base, other = source("base", "base", s0=run(0, 3, 9, 1)), source("other", "base", s0=run(0, 0, 0, 5))
    users = np.array([0, 0, 1, 1])
    change = other.values_by_seed("NDCG@10")[0] - base.values_by_seed("NDCG@10")[0]
    found = compare_lines([base, other], "NDCG@10", users)[1].difference.difference
    assert (found.low, found.high) == pytest.approx(bootstrap_interval(change, users=users))
