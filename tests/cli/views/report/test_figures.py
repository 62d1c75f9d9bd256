"""Charts: points lie where their values say, between ticks with round numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec_cli.views.report.figures import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart, marks

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
