"""The tables of a study at every width, in Markdown, and what its plots show."""

import io
from typing import cast

import pytest

from minirearec.analysis.comparing import SAME, Difference
from minirearec.analysis.figures import Figure
from minirearec.evaluation.metrics import CUTOFFS, METRICS
from minirearec.studies import PRESETS
from minirearec.studies.tables import Line, StudyResult
from minirearec_cli.console import CleanConsole
from minirearec_cli.views import study

NAMES = [f"{metric}@{k}" for metric in METRICS for k in CUTOFFS]
DATA = {"name": "$films", "synthetic": True, "sha256": "abc" * 20, "users": 1234, "items": 5}


def line(name, value, difference=None, **values):
    return Line(name, "base", {"method": name.split(",")[0], "steps": int(name[-1])}, "train", [0, 1],
                {"NDCG@20": value / 2}, dict.fromkeys(NAMES, value), [value], difference, values)


BETTER = Difference("erl", Figure(0.0123, 0.01, 0.0246), 0.001, 0.0021, "erl is better than base: try more seeds")
FOUND = StudyResult("ladder", "Does it help?", "rows", DATA, "NDCG@20", False, [
    line("base, 0", 0.1111), line("erl, 1", 0.1234, BETTER, realised=0.25, oracle=0.1717),
    line("erl, 2", 0.1221, Difference("erl", Figure(0.011, -0.01, 0.02), 0.2, 0.4, SAME),
         **{"seconds an epoch": 9.87})], [{"row": "erl", "variant": {"kl_weight": 0.5}, "validation": 0.0909,
                                           "chosen": True}])


def console(width=80):
    return CleanConsole(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_figure_is_whole(width):
    shown = console(width)
    study.show_study(shown, FOUND)
    text = cast(io.StringIO, shown.file).getvalue()
    for part in ("Does it help?", "SYNTHETIC DATA", ".1234", ".0617", "+0.0123", "+0.0100 to +0.0246", "0.0021", "25%",
                 ".1717", "9.9", "better, one seed", "kl-weight 0.5", ".0909"):
        assert part in text
    assert "…" not in text and "some runs are missing" in text


def test_the_list_names_every_study():
    shown = console()
    study.show_list(shown)
    assert all(name in cast(io.StringIO, shown.file).getvalue() for name in PRESETS)


def test_markdown_has_the_same_figures_and_no_markup_of_others():
    page = study.markdown(FOUND, "It proves nothing.")
    assert "**It proves nothing.**" in page and "sha256 `abcabcabcabc`" in page and "1,234 users" in page
    assert "| erl, 1 | train | 2 | .0617 | .1234 |" in page and "| +0.0123 | +0.0100 to +0.0246 | 0.0021 |" in page
    assert study.cell("a|b\n<i>*`") == "a\\|b\\\\n\\<i\\>\\*\\`"
    assert "proves" not in study.markdown(FOUND, "")


def test_plots():
    drawn = study.plots(FOUND)
    assert list(drawn) == ["differences.svg", "curves.svg"]
    assert "erl, 2" in drawn["differences.svg"] and "method erl" in drawn["curves.svg"]
    assert study.curves(FOUND.lines, "steps", "NDCG@20") == {"method erl": (0, [0.1111, 0.1234, 0.1221])}
    assert study.curves(FOUND.lines[:2], "steps", "NDCG@20") == {"method erl": (0, [0.1111, 0.1234])}
    assert study.curves(FOUND.lines[1:2], "steps", "NDCG@20") == {}
    assert study.plots(StudyResult("x", "?", "rows", DATA, "NDCG@20", True, FOUND.lines[:1], [])) == {}
