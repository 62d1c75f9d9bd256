"""Findings of a report are those of analyze and compare; null ranks are those of the copies, example by example."""

import numpy as np

from minirearec.analysis import analyze, compare
from minirearec.analysis.findings import findings, null_ranks
from minirearec.data.splits import make_split
from minirearec.evaluation.full_ranking import ORACLE, evaluate
from minirearec.evaluation.scorers import Copies
from minirearec.export.in_page import example_split, examples_of
from minirearec.runs.opening import load_scorer


def test_they_are_what_analyze_and_compare_find(run, train, data):
    runs = [run, train(method="base")]
    found = findings(runs, data, 7)
    assert found.analyses == [analyze(one, data=data) for one in runs]
    assert found.comparison == compare(*runs, data=data) and not found.why
    assert found.examples == examples_of(data, 7) and len(found.examples) == 7
    assert found.null_ranks[1] is None and len(found.null_ranks[0]["kept"]) == 7


def test_null_ranks_belong_to_the_examples(run, data):
    found = null_ranks(run, data, 9)
    evaluation = evaluate(Copies(load_scorer(run).engine, run.config.model.max_length, 3), example_split(data, 9))
    assert found["excluded"] == evaluation.excluded[ORACLE].expected.tolist()
    assert found["kept"] == evaluation.kept[ORACLE].expected.tolist() != found["excluded"]
    assert null_ranks(run, data, 0) is None


def test_examples_are_rows_of_the_test_part(data):
    whole, some = make_split(data), example_split(data, 9)
    places = [int(np.flatnonzero(whole.test.user == user)[0]) for user in some.test.user]
    assert places == sorted(places) and len(set(places)) == 9
    for row, one in zip(places, examples_of(data, 9), strict=True):
        assert one["history"] == whole.history(row, "test").tolist() and one["target"] == whole.target("test")[row]


def test_runs_of_one_setting_are_not_compared(run, train, data):
    found = findings([run, train(method="erl", steps=2, layers=2, seed=1)], data, 0)
    assert found.comparison is None and found.why == "there is nothing to compare: the runs differ only in their seed"
