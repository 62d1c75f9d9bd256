"""Pictures hold the numbers of their tables, and ``plot`` draws those that are asked for."""

from dataclasses import replace

import pytest

from minirearec.analysis import compare, pictures
from minirearec.analysis.figures import Figure
from minirearec.analysis.pictures import PICTURES, Picture
from minirearec.analysis.timing import Timing
from minirearec.errors import ConfigError


@pytest.fixture(scope="module")
def found(run, data):
    return replace(run.analysis(data=data), timing=Timing(3, "cpu", [1.0] * 6, [2.0] * 6))


@pytest.mark.parametrize("table", PICTURES)
def test_every_number_of_a_picture_is_one_of_its_table(table, found):
    rows = [row for row in found.records() if row["table"] == table]
    own = {row["value"] for row in rows}
    drawn = [getattr(value, "value", value) for one in PICTURES[table](found) for line in one.values.values()
             for value in line.values()]
    assert drawn and set(drawn) <= own
    wanted = {"popularity": "gain of NDCG@20", "history length": "gain of NDCG@20"}.get(table)
    if table not in ("moves", "timing"):  # their tables have more: the median rank, the share over K = 0
        assert set(drawn) == {row["value"] for row in rows if wanted in (None, row["measure"])}


def test_plot_draws_a_panel_for_each_picture(found, monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures.plots, "dots", lambda axes, *given: drawn.append((axes, given[0])))
    monkeypatch.setattr(pictures.plots, "matrix", lambda axes, *given: drawn.append((axes, given[0])))
    assert found.plot("gains", "cosine", axes=["a", "b"]) == ["a", "b"]
    assert drawn == [("a", found.gains), ("b", PICTURES["cosine"](found)[0].values)]
    with pytest.raises(ConfigError, match="no picture 'magic'. Choose among: gains, history length, popularity, moves"):
        found.plot("magic", axes=[])


def test_a_comparison_draws_its_differences(run, train, data, monkeypatch):
    monkeypatch.setattr(pictures.plots, "dots", lambda axes, values, across, title: axes.append(values))
    found, axes = compare(run, train(method="base"), data=data), []
    assert found.plot(axes) is axes
    assert axes == [{found.settings[1].name: {"NDCG@20": found.differences[0].difference}}]
    assert isinstance(found.picture(), Picture) and isinstance(found.differences[0].difference, Figure)
