"""The topics of the page: every table of an analysis has a title, and the pictures that suit it."""

from dataclasses import replace

import pytest

from minirearec.analysis import analyze
from minirearec.analysis.comparing import Comparison, Difference, Setting
from minirearec.analysis.figures import Figure
from minirearec.analysis.pictures import PICTURES, by_group
from minirearec.analysis.timing import Timing
from minirearec_cli.views.report.topics import TOPICS, topics_of, topics_of_comparison


@pytest.fixture(scope="module")
def found(train, titled):
    return analyze(train(method="erl"), data=titled)


def test_every_table_of_an_analysis_is_a_topic(found):
    tables = {row["table"] for row in found.records()} - {"metrics"}
    topics = topics_of(found)
    assert {one.name for one in topics} == tables == TOPICS.keys() - {"timing"} and TOPICS.keys() == PICTURES.keys()
    assert all(one.pictures and one.rows for one in topics)
    assert all(row.keys() <= set(one.columns) for one in topics for row in one.rows)
    last = next(one for one in topics if one.name == "attention")
    assert last.columns[-1] == "step 3" and len(last.pictures) == 3, "the first row lacks the columns of later steps"


def test_groups_show_gains_or_the_metric_of_a_model_without_steps(found, train, titled):
    first = found.by_popularity[0]
    shown = by_group(found.by_popularity)
    assert shown["step 2"][f"{first.low} to {first.high}"] == first.gains["step 2"] and "step 0" not in shown
    alone = analyze(train(method="base"), data=titled).by_popularity
    assert by_group(alone)["step 0"][f"{first.low} to {first.high}"] == alone[0].rows["step 0"]


def test_times_are_drawn_where_they_were_taken(found):
    timed = replace(found, timing=Timing(3, "cpu", [1.0, 2, 3, 4, 5, 6], [1.0, 4, 9, 16, 25, 36]))
    topic = topics_of(timed)[-1]
    [chart] = topic.pictures
    assert topic.name == "timing" and [line.name for line in chart.lines] == ["with cache", "without cache"]
    assert [value for *_, value in chart.lines[1].points] == timed.timing.uncached


def test_differences_are_a_picture_and_a_table_with_words():
    settings = [Setting(name, [name], [0], {"NDCG@20": value}, [value])
                for name, value in (("base", 0.1), ("erl", 0.2))]
    one = Difference("erl", Figure(0.1, 0.05, 0.15), 0.01, 0.02, "erl is better than base")
    beside, changes = topics_of_comparison(Comparison({}, "test", 5, 5, "NDCG@20", settings, [one]))
    assert [row["setting"] for row in beside.rows] == ["base", "erl"] and not beside.pictures
    assert changes.rows == [{"setting": "erl", "difference": one.difference, "p": 0.01, "p (Holm)": 0.02,
                             "verdict": "erl is better than base"}]
    assert changes.pictures[0].lines[0].name == "erl"
