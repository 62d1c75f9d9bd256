"""Data sets at the terminal: the table of the catalogue, places, histograms."""

import io

import pytest
from rich.console import Console

from minirearec.data import card
from minirearec.errors import DataError
from minirearec_cli.views import datasets

ROW = {"users": 1000, "items": 20, "interactions": 3, "synthetic": False, "state": "found", "path": "/x/a.txt",
       "bytes": 1234}


def shown(renderable, width=80, encoding="utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=file, width=width).print(renderable)
    file.flush()
    return file.buffer.getvalue().decode(encoding)


def test_one_table_for_both_commands():
    plain, placed = (shown(datasets.catalogue_table({"a": ROW}, places)) for places in (False, True))
    assert "1,000" in plain and "found" in plain and "/x/a.txt" not in plain
    assert "found: /x/a.txt (1.2 kB)" in placed


def test_trouble_with_a_folder_becomes_words(monkeypatch):
    def closed(*_):
        raise DataError("cannot be searched: Permission denied", "/closed")

    monkeypatch.setattr(datasets, "state", closed)
    assert datasets.place(card("beauty"), None) == ("/closed: cannot be searched: Permission denied.", None)
    assert datasets.facts(card("beauty"), None)["path"] is None


@pytest.mark.parametrize("encoding, block", [("utf-8", "█"), ("ascii", "#")])
def test_bars_are_rounded_up(encoding, block):
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    bins = [{"low": 1, "high": 1, "count": 1}, {"low": 2, "high": 3, "count": 1000}]
    lines = shown(datasets.histogram(console, bins, "users"), encoding=encoding).splitlines()
    assert lines[0].split() == ["1", "1", "user", block]
    assert lines[1].split() == ["2-3", "1,000", "users", block * datasets.WIDEST_BAR]


def test_a_step():
    from minirearec.data.files.importing import Step

    assert datasets.step_line(Step("5-core", 943, 1349, 99287)) == \
        "5-core: 943 users, 1,349 items, 99,287 interactions"


def test_settings_of_a_card_for_a_count_model_have_a_line_of_their_own():
    training = {"seed": 1, "pctm": {"tau": 5.0, "head": 7}, "layers": 2, "rules": {"window": 3}}
    assert datasets.training_lines(training) == ["seed 1, layers 2", "pctm: tau 5.0, head 7", "rules: window 3"]
    assert datasets.training_lines({"pctm": {"tau": 5.0}}) == ["pctm: tau 5.0"] and datasets.training_lines({}) == []


def test_names_of_columns_never_fill_the_screen():
    """A table may have thousands of columns, and a damaged header one name of thousands of letters."""
    assert datasets.columns_line({"user": "visitor", "item": "sku"}, ["price"]) == \
        "columns: user = visitor, item = sku; not used: price"
    assert datasets.columns_line({"user": "u"}, []) == "columns: user = u"
    assert datasets.columns_line({"user": "u"}, list("abcdefghijklm")) == \
        "columns: user = u; not used: a, b, c, d, e, f, g, h, i, j, k, l, ..."
    assert datasets.columns_line({"user": "u" * 9000}, ["x" * 9000]) == \
        f"columns: user = {'u' * 27}...; not used: {'x' * 27}..."
