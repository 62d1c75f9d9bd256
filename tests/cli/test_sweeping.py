"""The words around a sweep."""

import io
from types import SimpleNamespace
from typing import Any, cast

from minirearec_cli import sweeping
from minirearec_cli.console import CleanConsole


def test_the_estimate_counts_what_is_missing():
    for missing, words in ((3, "3 runs, which take about 1:15 if none"), (0, "All 3 runs have"),
                           (1, "2 of 3 runs have their results; the others take about 1:15")):
        console = CleanConsole(file=io.StringIO(), width=200)
        work: Any = SimpleNamespace(missing=lambda left=missing: [0] * left, total=3, done=3 - missing,
                                    estimate=lambda: 75.0, assumption="if none stops early")
        assert sweeping.say_estimate(console, work) == sweeping.Estimate(
            3, 3 - missing, 75.0 if missing else 0.0)
        assert cast(io.StringIO, console.file).getvalue().startswith(words)
