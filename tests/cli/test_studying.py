"""The words around a study."""

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest

from minirearec.errors import ConfigError
from minirearec.studies import PRESETS
from minirearec_cli import studying
from minirearec_cli.console import CleanConsole
from minirearec_cli.sweeping import Estimate


def test_studies_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ladder").mkdir()
    assert studying.find("ladder", (), (), quick=False) == PRESETS["ladder"]()
    assert studying.find("frontier", ("base",), ("counts",), quick=True).blend == ("counts",)
    with pytest.raises(ConfigError, match="no study and no file is called 'x'"):
        studying.find("x", (), (), quick=False)


@pytest.mark.parametrize("seconds, words", [(4000, True), (100, False)])
def test_hours_are_called_hours(seconds, words, monkeypatch):
    console = CleanConsole(file=io.StringIO(), width=200)
    monkeypatch.setattr(studying, "result", lambda work, metric: None)
    work: Any = SimpleNamespace(missing=lambda: [0], total=1, done=0, estimate=lambda: seconds, assumption="with 30")
    assert studying.conduct(console, work, "NDCG@20", quick=False, estimate=True, show=False) == Estimate(1, 0, seconds)
    assert ("That is long" in cast(io.StringIO, console.file).getvalue()) == words
