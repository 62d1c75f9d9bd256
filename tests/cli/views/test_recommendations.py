"""Recommendations side by side: one column for each reasoning step, in as many tables as fit."""

import io

import numpy as np
import pytest
from rich.console import Console

from minirearec.recommender import Recommendation, Recommender
from minirearec_cli.views import recommendations


@pytest.fixture
def model(finished):
    return Recommender.load(finished)


def test_items_that_a_step_brings_in_are_marked():
    before, after = Recommendation("step 0", [3, 1200], [0.5, -0.25]), Recommendation("step 1", [1200, 4], [10, 9.5])
    assert recommendations.cells(before, None) == ["     3   0.500", "  1200  -0.250"]
    assert recommendations.cells(after, before) == ["  1200  10.000", "+    4   9.500"]


def test_many_steps_go_into_several_tables(model):
    rows = [Recommendation(f"step {step}", [step + 1, 1200], [0.5, 0.25], step) for step in range(6)]
    counts = {width: [len(table.columns) - 1 for table in recommendations.tables(model, rows, width)]
              for width in (10, 60, 120)}
    assert counts[10] == [1] * 6 and len(counts[60]) > 1 and counts[120] == [6]
    for width in (60, 80, 120):
        paper = Console(width=width, file=io.StringIO())
        for table in recommendations.tables(model, rows, width):
            paper.print(table)
        text = paper.file.getvalue()
        assert max(map(len, text.splitlines())) <= width and text.count("0.500") == 6


def test_whose_history_it_is_and_what_the_model_reads_of_it(model):
    assert recommendations.history_lines(model, 42, [5]) == [
        "User 42 of tiny, full history, including the validation and test items: 1 item, oldest first", "  5"]
    given, items = recommendations.history_lines(model, None, list(range(1, 64)))
    assert given == ("Given history (model trained on tiny): 63 items, of which the model reads the newest 50, "
                     "oldest first")
    assert items == "  (53 earlier) ... 54  55  56  57  58  59  60  61  62  63"


def test_each_title_is_shown_once_in_the_order_of_the_items(model):
    known = np.array([f"Title {item}" for item in model.items.ids])
    table = recommendations.titles(model, known, [7, 12, 7])
    assert [list(column.cells) for column in table.columns] == [["7", "12"], ["Title 7", "Title 12"]]


def test_one_list_has_no_legend_of_steps(model):
    stream = io.StringIO()
    found = [Recommendation("counts", [4], [1.0])]
    recommendations.show_recommendations(Console(file=stream, width=80), model, None, [3], found)
    assert "Top 1: item and score\n" in stream.getvalue() and "new since the previous step" not in stream.getvalue()
