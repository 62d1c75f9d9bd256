"""The page read back: its numbers are the library's, and texts from data stay texts."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from minirearec.export.in_page import examples_of
from minirearec_cli.views.report.page import json_in_page, report_page, unique_names
from tests.cli.views.report.conftest import TITLES


class Tables(HTMLParser):
    """The tables of a page: caption, class, and rows of cells, each as the value or the text that it holds."""

    def __init__(self, page: str):
        super().__init__()
        self.tables, self.cell = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self.tables.append({"class": given.get("class"), "seen": given.get("data-seen"),
                                "run": given.get("data-run"), "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "data":
            self.cell = float(given["value"])

    def handle_data(self, text):
        if isinstance(self.cell, str):
            self.cell += text

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append(self.cell)
            self.cell = None


@pytest.fixture(scope="module")
def two(train, titled):
    runs = [train(method="erl"), train(method="prl")]
    return runs, report_page(runs, runs[0].read_items(), examples_of(titled, 5))


def test_metrics_are_those_of_the_results(two):
    runs, page = two
    found = {(table["run"], table["seen"]): table["rows"] for table in Tables(page).tables
             if table["class"] == "metrics"}
    assert len(found) == 4
    for run in runs:
        results = run.read_results()
        for seen in ("excluded", "kept"):
            head, *rows = found[f"{run.config.objective.method}, K = 3, seed 0", seen]
            assert [row[0] for row in rows] == list(results["test"][seen])
            for name, *values in rows:
                assert dict(zip(head[1:], values, strict=True)) == results["test"][seen][name]


def test_epochs_are_those_of_training(two):
    runs, page = two
    for run, table in zip(runs, [one for one in Tables(page).tables if one["class"] == "epochs"], strict=True):
        head, *rows = table["rows"]
        for epoch, row in zip(run.read_metrics(), rows, strict=True):
            read = dict(zip(head, row, strict=True))
            assert (int(read.pop("epoch")), read.pop("loss"), read.pop("seconds")) == (
                epoch.epoch, epoch.loss, epoch.seconds)
            assert read == epoch.metrics


def test_hostile_titles_cannot_leave_the_json(two):
    _, page = two
    assert page.count("<script") == page.count("</script>") == 5 and "\x1b" not in page and "\u202e" not in page
    embedded = json.loads(re.search('<script type="application/json" id="embedded">(.*?)</script>', page)[1])
    assert embedded["titles"][0] == TITLES[0] and embedded["titles"][2] == "\\u202egnp.exe"
    assert embedded["titles"][5] == "x" * 10_000


def test_nothing_is_loaded_from_elsewhere(two):
    _, page = two
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
