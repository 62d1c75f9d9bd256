"""The table of a sweep at every width, and its plot."""

import io
from typing import cast

import pytest

from minirearec.analysis.sweeping import Point, SweepResult
from minirearec.evaluation.metrics import CUTOFFS, METRICS
from minirearec_cli.console import CleanConsole
from minirearec_cli.views import sweep


def point(name, value, **settings):
    names = [f"{metric}@{k}" for metric in METRICS for k in CUTOFFS]
    return Point(name, settings, [0, 1], dict.fromkeys(names, value),
                 {one: [value - 0.01, value + 0.01] for one in names})


FOUND = SweepResult({"name": "$films", "synthetic": True}, [
    point("erl, steps 1", 0.1, method="erl", steps=1), point("erl, steps 2", 0.2, method="erl", steps=2),
    point("prl, steps 1", 0.15, method="prl", steps=1)])


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_figure_is_whole(width):
    console = CleanConsole(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    sweep.show_sweep(console, FOUND)
    shown = cast(io.StringIO, console.file).getvalue()
    for part in ("SYNTHETIC DATA", "erl, steps 2", ".2000", ".1900 to .2100", ".0900 to .1100", ".1500"):
        assert part in shown
    assert "…" not in shown


def test_a_curve_for_each_method(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    assert sweep.plot(FOUND, tmp_path / "x.png") and (tmp_path / "x.png").stat().st_size > 5000
    words = SweepResult(FOUND.data, [point("erl", 0.1, method="erl")])
    assert not sweep.plot(words, tmp_path / "y.png")
    monkeypatch.setattr(sweep, "find_spec", lambda name: None)
    assert not sweep.plot(FOUND, tmp_path / "y.png") and not (tmp_path / "y.png").exists()
