"""The comparison at every width: figures stay whole, verdicts say what the figures do."""

import io

import numpy as np
import pytest

from minirearec.analysis.comparing import Comparison, Difference, Setting
from minirearec.analysis.figures import Figure
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.ranking import Ranks
from minirearec_cli.console import CleanConsole
from minirearec_cli.views.comparison import show_comparison


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_figure_is_whole(width):
    metrics = mean_metrics(Ranks(np.array([0, 5]), np.array([0, 0])))
    settings = [Setting("base", ["a", "b"], [0, 1], metrics, [0.1, 0.2]), Setting("erl", ["c"], [0], metrics, [0.15])]
    found = Comparison({"name": "films", "synthetic": True}, "test", 2, 2, "NDCG@20", settings, [
        Difference("erl", Figure(0.05, -0.0123, 0.1), 0.2, 0.4, "no difference can be claimed")])
    console = CleanConsole(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    show_comparison(console, found)
    shown = console.file.getvalue()
    for part in (".1000 to .2000", ".1500", "+0.0500", "-0.0123 to +0.1000", "0.4000", "SYNTHETIC DATA",
                 "erl: no difference can be claimed."):
        assert part in shown
    assert "…" not in shown
