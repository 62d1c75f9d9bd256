"""Plots draw the values they are given; without matplotlib there is one message."""

import pytest

from minirearec import plots
from minirearec.analysis.figures import Figure
from minirearec.errors import ConfigError


@pytest.fixture
def axes():
    matplotlib = pytest.importorskip("matplotlib", reason="needs the extra tutorials")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plots.panels(2)[0]
    plt.close("all")


def test_dots_have_their_values_and_intervals(axes):
    values = {"a": {"x": Figure(0.1, 0.0, 0.3), "y": Figure(-0.1, -0.2, 0.0)}, "b": {"y": 0.4}}
    plots.dots(axes, values, "group", "Gain")
    first, second = (bar.lines[0].get_ydata().tolist() for bar in axes.containers)
    assert first == [0.1, -0.1] and second == [0.4]
    low, high = (line.get_ydata() for line in axes.containers[0].lines[1])
    assert low.tolist() == pytest.approx([0.0, -0.2]) and high.tolist() == pytest.approx([0.3, 0.0])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["x", "y"] and axes.get_title() == "Gain"


def test_curves_begin_at_the_first_epoch(axes):
    plots.curves(axes, {"loss": [3.0, 2.0, 1.5]}, 1, "epoch", "Loss")
    assert axes.lines[0].get_xydata().tolist() == [[1, 3.0], [2, 2.0], [3, 1.5]] and axes.get_legend() is None


def test_a_matrix_shows_its_numbers(axes):
    plots.matrix(axes, {"step 0": {"a": 0.25, "b": 1.0}, "step 1": {"a": 0.5, "b": 0.75}}, "Cosine", "{:.2f}".format)
    assert [one.get_text() for one in axes.texts] == ["0.25", "1.00", "0.50", "0.75"]
    assert axes.images[0].get_array().tolist() == [[0.25, 1.0], [0.5, 0.75]]


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="plots need matplotlib.*pip install"):
        plots.panels(1)
