"""Tables of an analysis, at every width, with and without colours."""

import re

import pytest
from rich.console import Console

from minirearec_cli.views.analysis import heat


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_width_shows_every_question(width, finished, minirearec):
    shown = minirearec("analyze", finished, env={"COLUMNS": str(width)}).stdout
    for title in ("Gain over the same model", "by history length", "training saw the target", "Cosine", "KL divergence",
                  "Entropy", "target's rank moves", "lists hold", "attend to"):
        assert title in shown
    assert "\x1b" not in shown and "…" not in shown
    assert not re.search(r"\d\(\d|intraining", shown), "lines of a head are words of their own"


def test_steps_without_inputs_of_their_own_have_no_columns_for_them(finished, tiny, minirearec, tmp_path):
    options = "--reasoner", "lares", "--steps", 1, "--epochs", 1, "--width", 8, "--out", tmp_path / "run"
    assert minirearec("train", "--dataset", tiny, "--method", "rpe", *options).exit_code == 0
    for run, inputs in ((tmp_path / "run", False), (finished, True)):
        shown = minirearec("analyze", run, env={"COLUMNS": "120"}).stdout
        assert ("s1: the input of step 1" in shown) == bool(re.search(r"older +s1", shown)) == inputs


def test_a_run_of_counts_shows_what_it_has(tiny, minirearec, tmp_path):
    assert minirearec("train", "--dataset", tiny, "--method", "counts", "--out", tmp_path / "run").exit_code == 0
    shown = minirearec("analyze", tmp_path / "run").stdout
    assert "by history length" in shown and "lists hold" in shown and "Cosine" not in shown


def test_dark_is_large_and_the_figure_stays_readable():
    assert [heat(value, 0, 2).style for value in (0, 2)] == ["#000000 on #deebf7", "#ffffff on #08306b"]
    assert heat(1.0, 1, 1).plain == "1.000"
    assert Console(color_system=None).render_str(heat(1.5, 0, 2).plain).plain == "1.500"
