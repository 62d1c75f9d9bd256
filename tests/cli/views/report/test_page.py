"""The page read back: its numbers are the library's, and texts from data stay texts."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from minirearec.analysis.findings import findings
from minirearec_cli.views.report.page import json_in_page, report_page, unique_names
from tests.cli.views.report.conftest import TITLES


class Tables(HTMLParser):
    """The tables of a page: attributes, and rows of cells, each a value, several values, or the text that it holds."""

    def __init__(self, page: str):
        super().__init__()
        self.tables, self.cell = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self.tables.append({"class": given.get("class"), "seen": given.get("data-seen"), "rows": [],
                                "run": given.get("data-run"), "table": given.get("data-table")})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "data":
            own = float(given["value"])
            self.cell = own if isinstance(self.cell, str) else (*np.atleast_1d(self.cell).tolist(), own)

    def handle_data(self, text):
        if isinstance(self.cell, str):
            self.cell += text

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append(self.cell)
            self.cell = None


NAMES = [f"{method}, K = 3, seed 0" for method in ("erl", "prl")]


@pytest.fixture(scope="module")
def two(train, titled):
    runs = [train(method="erl"), train(method="prl")]
    found = findings(runs, titled, 5)
    return runs, report_page(runs, runs[0].read_items(), found), found


def by_place(table: dict) -> dict:
    """Return the values of a table by row and column, without empty cells."""
    head, *rows = table["rows"]
    return {(row[0].strip(), column): value for row in rows for column, value in zip(head[1:], row[1:], strict=True)
            if value != ""}


def test_every_number_of_the_analyses_is_in_the_page_and_no_other(two):
    """Each tidy record is in the table of its name, in its row and column."""
    _, page, found = two
    tables = {(one["run"], one["table"]): by_place(one) for one in Tables(page).tables if one["table"]}
    for name, analysis in zip(NAMES, found.analyses, strict=True):
        expected: dict = {}
        for one in analysis.records():
            row, column = f"{one['row']} {one['group']}".strip(), one["measure"]
            if one["table"] in ("history length", "popularity", "cosine", "kl"):
                row, column = one["row"], f"{one['group']} {one['measure']}"
            value = one["value"] if one["low"] is None else (one["value"], one["low"], one["high"])
            expected.setdefault(one["table"], {})[row, column] = value
        metrics = expected.pop("metrics")
        for table, values in expected.items():
            assert tables.pop((name, table)) == values
        [shown] = [by_place(one) for one in Tables(page).tables if (one["class"], one["seen"], one["run"]) == (
            "metrics", "excluded", name)]
        assert shown == {(row.removesuffix(" excluded"), column): value for (row, column), value in metrics.items()
                         if row.endswith("excluded")}
    assert tables.keys() == {("comparison", "settings"), ("comparison", "differences")}


def test_the_comparison_is_that_of_compare(two):
    _, page, found = two
    tables = {one["table"]: by_place(one) for one in Tables(page).tables if one["run"] == "comparison"}
    [one], figure = found.comparison.differences, found.comparison.differences[0].difference
    assert tables["differences"] == {
        ("prl", "difference"): (figure.value, figure.low, figure.high), ("prl", "p"): one.p,
        ("prl", "p (Holm)"): one.holm, ("prl", "verdict"): one.verdict}
    for setting in found.comparison.settings:
        own = {column: value for (row, column), value in tables["settings"].items() if row == setting.name}
        assert {name: own[name] for name in setting.metrics} == setting.metrics and own["seeds"] == 1


def test_pictures_have_every_number_that_their_tables_have(two):
    """The values that a reader of the SVG sees are those of the analysis."""
    _, page, found = two
    shown = [float(value) for value in re.findall(r"<title>[^<]*: (-?[0-9.e-]+)</title>", page)]
    for analysis in found.analyses:
        drawn = [one for one in analysis.records() if one["table"] in (
            "gains", "cosine", "kl", "entropy", "attention", "lists") or one["measure"].startswith("gain of")]
        assert drawn and {one["value"] for one in drawn} <= set(shown)
    assert found.comparison.differences[0].difference.value in shown


def test_runs_that_cannot_be_compared_say_why(train, titled):
    runs = [train(method="erl"), train(method="erl", seed=1)]
    page = report_page(runs, runs[0].read_items(), findings(runs, titled, 2))
    assert "These runs are not compared: there is nothing to compare: the runs differ only in their seed." in page


def test_counts_and_a_page_without_data_show_what_they_have(train, titled):
    run = train(method="counts")
    page = report_page([run], run.read_items(), findings([run], titled, 2))
    names = [one["table"] for one in Tables(page).tables if one["table"]]
    assert names == ["history length", "popularity", "lists"] and 'id="comparison"' not in page
    without = report_page([run], run.read_items())
    assert 'id="analysis"' not in without and [one["class"] for one in Tables(without).tables] == [
        "metrics", "metrics", "settings"]


def test_metrics_are_those_of_the_results(two):
    runs, page, _ = two
    found = {(table["run"], table["seen"]): by_place(table) for table in Tables(page).tables
             if table["class"] == "metrics"}
    assert len(found) == 4
    for name, run in zip(NAMES, runs, strict=True):
        results = run.read_results()
        for seen in ("excluded", "kept"):
            assert found[name, seen] == {
                (row, metric): value for row, own in results["test"][seen].items() for metric, value in own.items()}


def test_epochs_are_those_of_training(two):
    runs, page, _ = two
    for run, table in zip(runs, [one for one in Tables(page).tables if one["class"] == "epochs"], strict=True):
        head, *rows = table["rows"]
        for epoch, row in zip(run.read_metrics(), rows, strict=True):
            read = dict(zip(head, row, strict=True))
            assert (int(read.pop("epoch")), read.pop("loss"), read.pop("seconds")) == (
                epoch.epoch, epoch.loss, epoch.seconds)
            assert read == epoch.metrics


def test_hostile_titles_cannot_leave_the_json(two):
    _, page, _ = two
    assert page.count("<script") == page.count("</script>") == 6 and "\x1b" not in page and "\u202e" not in page
    embedded = json.loads(re.search('<script type="application/json" id="embedded">(.*?)</script>', page)[1])
    assert embedded["titles"][0] == TITLES[0] and embedded["titles"][2] == "\\u202egnp.exe"
    assert embedded["titles"][5] == "x" * 10_000


def test_nothing_is_loaded_from_elsewhere(two):
    _, page, _ = two
    head = page.partition('id="embedded"')[0]
    assert "default-src 'none'" in head
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", head)


def test_no_sequence_ends_the_script_early():
    texts = ["</script>", "<!--", "&lt;", "\u2028", "]]>"]
    assert json.loads(json_in_page(texts)) == texts and not re.search("[<>&\u2028]", json_in_page(texts))
    with pytest.raises(ValueError):
        json_in_page([np.inf])


def test_runs_of_the_same_settings_are_numbered(two):
    results = two[0][0].read_results()
    assert unique_names([results, results]) == ["erl, K = 3, seed 0 (1)", "erl, K = 3, seed 0 (2)"]
