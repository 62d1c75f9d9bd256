"""Charts: points lie where their values say, between ticks with round numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.analysis.figures import Figure
from minirearec_cli.views.report.figures import BOTTOM, HEIGHT, LEFT, NAMES, RIGHT, TOP, WIDTH, chart, dots, heat, marks

values = st.floats(-1e6, 1e6).map(lambda value: round(value, 4))


@given(st.lists(values, min_size=1, max_size=30))
def test_points_lie_on_the_scale_of_the_ticks(series):
    made = chart("Loss", "epoch", {"a": series}, first=1)
    low, high = made.y_ticks[0], made.y_ticks[-1]
    for x, y, value in made.lines[0].points:
        share = (y - low.place) / (high.place - low.place)
        enclosed = marks(min(series), max(series))
        shown = enclosed[0] + share * (enclosed[-1] - enclosed[0])
        assert shown == pytest.approx(value, rel=1e-6, abs=1e-6 * max(map(abs, enclosed)))
        assert LEFT <= x <= WIDTH - RIGHT and TOP - 1e-6 <= y <= HEIGHT - BOTTOM + 1e-6


@given(values, values)
def test_marks_are_few_even_and_enclose_the_range(one, other):
    low, high = sorted((one, other))
    found = marks(low, high)
    slack = 1e-6 * max(1, abs(low), abs(high))
    assert 2 <= len(found) <= 7 and found[0] <= low + slack and found[-1] >= high - slack
    assert all(b - a == pytest.approx(found[1] - found[0]) for a, b in pairwise(found))


def test_many_epochs_have_few_labels():
    made = chart("Loss", "epoch", {"a": [1.0] * 95, "b": [2.0]}, first=1)
    assert [tick.label for tick in made.x_ticks] == ["1", "11", "21", "31", "41", "51", "61", "71", "81", "91"]
    assert [line.name for line in made.lines] == ["a", "b"]


def test_no_values_no_chart():
    assert chart("Loss", "epoch", {"counts": []}, first=1) is None
    assert [line.name for line in chart("Loss", "epoch", {"counts": [], "a": [1.0]}, first=1).lines] == ["a"]


def test_dots_of_all_series_stand_above_their_name_with_intervals_around_them():
    made = dots("Gain", "", {"a": {"x": Figure(0.1, 0.05, 0.2), "y": Figure(-0.1, -0.3, 0.1)}, "b": {"y": 0.4}})
    assert [tick.label for tick in made.x_ticks] == ["x", "y"] and "0" in [tick.label for tick in made.y_ticks]
    a, b = made.lines
    middle, half = (made.x_ticks[0].place + made.x_ticks[1].place) / 2, (WIDTH - LEFT - RIGHT) / 2
    assert a.points[0][0] < middle < a.points[1][0] < made.x_ticks[1].place < b.points[0][0] < LEFT + 2 * half
    for (x, y, _), (at, low, high) in zip(a.points, a.bars, strict=True):
        assert x == at and high < y < low, "y grows downwards"
    assert not b.bars and [value for *_, value in a.points] == [0.1, -0.1]


def test_a_heat_map_has_a_cell_for_each_value_the_largest_the_darkest():
    made = heat("KL", {"step 0": {"step 0": 0.0, "step 1": 2.0}, "step 1": {"step 0": 1.0, "step 1": 0.0}})
    assert [cell.share for cell in made.cells] == [0, 1, 0.5, 0] and made.cells[1].text == "2.000"
    assert [cell.name for cell in made.cells][1] == "step 0, step 1: 2.0"
    assert [tick.label for tick in made.rows] == [tick.label for tick in made.columns] == ["step 0", "step 1"]
    assert made.cells[0].x == NAMES and made.cells[1].x + made.cell == WIDTH and made.cells[-1].y < made.height
    assert [cell.share for cell in heat("", {"a": {"b": 3.0}}).cells] == [0.0]
