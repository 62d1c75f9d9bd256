"""The tables of results, and when they show the reference points."""

import io
import json

import pytest
from rich.console import Console

from minirearec.evaluation.published import BEAUTY_SHA256
from minirearec_cli.views.result_tables import METRICS, show_results


def show(results, width=80, part="test") -> str:
    paper = Console(width=width, file=io.StringIO(), color_system=None)
    show_results(paper, results, part)
    return paper.file.getvalue()


@pytest.fixture
def on_beauty(finished):
    """Return the results of a run, changed as if its data were Beauty.txt."""
    results = json.loads((finished / "results.json").read_text())
    results["data"] = {**results["data"], "sha256": BEAUTY_SHA256, "name": "beauty"}
    results["test"]["excluded"]["step 2"] |= {"Recall@10": 0.08, "NDCG@10": 0.05}
    return results


@pytest.mark.parametrize("width", [80, 120])
def test_reference_points_surround_the_run(on_beauty, width):
    text = show(on_beauty, width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text
    table = text.split("Reference points on Beauty.txt")[1]
    models = ("popularity", "ReaRec", "> prl, K = 2, seed 0", "eSASRec", "BSARec", "PCTM")
    order = [table.index(name) for name in models]
    assert order == sorted(order), "by NDCG@10"
    own = next(line for line in table.splitlines() if "> prl" in line)
    assert [word for word in own.split() if word.startswith(".")] == [".0800", ".0500"]


def test_the_title_counts_targets_where_users_have_several(on_beauty):
    assert "Test metrics on beauty, 200 users\n" in show(on_beauty).replace(" \n", "\n")
    on_beauty["test"]["targets"] = 345
    assert "Test metrics on beauty, 345 targets of 200 users" in show(on_beauty)


def test_no_reference_points_elsewhere(on_beauty):
    other = {**on_beauty, "data": {**on_beauty["data"], "sha256": "0" * 64}}
    assert "Reference points" not in show(other)
    validation = {**on_beauty, "valid": on_beauty["test"]}
    assert "Reference points" not in show(validation, part="valid"), "they are test figures"


def test_the_oracle_is_said_to_be_one(on_beauty):
    assert "chosen after the fact" in show(on_beauty)


@pytest.mark.parametrize("width, metrics", [(60, 3), (80, 5)])
def test_rarely_seen_targets_have_rows_of_their_own(on_beauty, width, metrics):
    groups = {name: {"targets": targets, "excluded": dict.fromkeys(METRICS, value), "kept": {}}
              for name, targets, value in (("0", 12, 0.0), ("1 to 5", 1234, 0.0123), ("more", 20000, 0.0813))}
    on_beauty["test"]["seen_in_training"] = groups
    table = show(on_beauty, width).split("By how often training saw the target")[1].split("Reference points")[0]
    assert max(map(len, table.splitlines())) <= width
    rows = [line.split() for line in table.splitlines() if "." in line]
    assert rows == [["never", "12", *[".0000"] * metrics], ["1", "to", "5", "times", "1,234", *[".0123"] * metrics],
                    ["more", "often", "20,000", *[".0813"] * metrics]]


def test_no_such_rows_where_training_knew_all_targets_well_and_in_earlier_results(on_beauty):
    test = on_beauty["test"]
    test["seen_in_training"] = {"more": {"targets": 200, "excluded": test["excluded"]["step 2"], "kept": {}}}
    assert "By how often" not in show(on_beauty)
    del test["seen_in_training"]
    assert "By how often" not in show(on_beauty)
