"""The tables of results, and when they show the reference points."""

import io
import json
import re

import pytest
from rich.console import Console

from minirearec.evaluation.published import BEAUTY_SHA256
from minirearec.runs.directory import Run
from minirearec_cli.views.result_tables import METRICS, show_results, show_training


def show(results, width=80, part="test", metrics=()) -> str:
    paper = Console(width=width, file=io.StringIO(), color_system=None)
    show_results(paper, results, part, metrics=metrics)
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


@pytest.mark.parametrize("fitted_on, word", [({}, "train"), ({"fitted_on": "train"}, "train"),
                                             ({"fitted_on": "train and validation"}, "both")])
def test_every_row_says_what_it_was_fitted_on(fitted_on, word, on_beauty):
    del on_beauty["fitted_on"]  # as in results of an earlier version
    text = show(on_beauty | fitted_on, 120)
    assert f"\nfitted on {fitted_on.get('fitted_on', 'train')}\n" in text
    table = text.split("Reference points on Beauty.txt")[1]
    for model, fitted in (("> prl", word), ("PCTM", "both"), ("BSARec", "train"), ("ReaRec", "?")):
        row = next(line for line in table.splitlines() if model in line)
        assert fitted in row.split()


def test_a_blend_has_a_row_beside_its_parts(on_beauty):
    own = on_beauty["test"]["excluded"]
    for seen in ("excluded", "kept"):
        on_beauty["test"][seen] |= {"counts:pctm": own["step 0"], "blend": {**own["step 0"], "NDCG@10": 0.0612}}
    on_beauty["blend"] = {"row": "blend", "weights": {"this run": 0.5, "counts:pctm": 2.25, "other": -3.0}}
    text = show(on_beauty, 120)
    assert "  blend: 0.50 x this run + 2.25 x counts:pctm - 3.00 x other, fitted on validation\n" in text
    del on_beauty["blend"]["weights"]["other"]
    text = show(on_beauty, 120)
    results, table = text.split("Reference points on Beauty.txt")
    assert "   counts:pctm " in results and " > step 2 " in results and "   blend " in results
    assert table.index("> prl") < table.index("BSARec") < table.index("> blend") < table.index("PCTM")
    assert "this run with counts:pctm" in table


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
    text = show(on_beauty)
    assert "chosen after the fact" in text and "copies at K = 0 that differ only by dropout" in text
    for rows in (on_beauty["test"]["excluded"], on_beauty["test"]["kept"]):
        del rows["null oracle"]  # as in results of an earlier version
    assert "null oracle" not in show(on_beauty)


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


ASKED = ("NDCG@50", "HitRate@10", "Coverage@10", "PopularityBias@10")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 140])
def test_the_metrics_asked_for_are_shown_at_every_width(width, on_beauty):
    test = on_beauty["test"]
    for seen in ("excluded", "kept"):
        for number, row in enumerate(test[seen].values()):
            row |= {"NDCG@50": 0.0123, "HitRate@10": 0.0456} | ({"Coverage@10": 0.0789, "PopularityBias@10": 12.3456}
                                                                if number < 3 else {})
    own = {**dict.fromkeys(METRICS, 0.0), "NDCG@50": 0.0123, "HitRate@10": 0.0456}
    test["seen_in_training"] = {"0": {"targets": 12, "excluded": own, "kept": {}}}
    text = show(on_beauty, width, metrics=ASKED)
    assert max(map(len, text.split("> the model's answer")[0].splitlines())) <= width
    main, groups = text.split("Reference points")[0].split("By how often")
    words = main.replace("\n", " ").split()
    assert {name: words.count(name) for name in (".0123", ".0456", ".0789", "12.3456")} == {
        ".0123": 10, ".0456": 10, ".0789": 6, "12.3456": 6}, "five rows, with both oracles, and three of lists"
    assert "NDCG" in main and "PopularityBias" in main and "Recall" not in main
    assert ".0123" in groups and ".0789" not in groups
    assert "NDCG" in show(on_beauty, width, metrics=("Coverage@10",)).split("By how often")[1]


@pytest.mark.parametrize("width", [80, 200])
def test_a_single_metric_has_both_tables_beside_each_other(width, on_beauty):
    text = show(on_beauty, width, metrics=("NDCG@10",))
    [line] = [line for line in text.splitlines() if line.startswith("   step 0 ")][:1]
    assert len(re.findall(r"\.\d{4}", line)) == 2, "with seen items excluded and kept"


def test_the_end_says_where_the_run_is_and_what_is_next(finished):
    paper = Console(file=io.StringIO(), width=200)
    results = Run.open(finished).read_results()
    ended = {**results, "seconds": 170.2, "epochs": 2, "best_epoch": 1, "reason": "reasons"}
    show_training(paper, ended, finished, example=("--user", "7"))
    text = paper.file.getvalue()
    assert "Best epoch: 1 of 2.\n" in text, "it ran to the end of its 2 epochs"
    assert "Training took 2:51 (test evaluation excluded).\n" in text
    assert text.endswith(f"Run: {finished}\nNext: minirearec recommend {finished} --user 7\n")
    settings = {**results["settings"], "training": {**results["settings"]["training"], "epochs": 9}}
    show_training(paper, {**results, "settings": settings, "best_epoch": 1, "reason": "3 epochs"}, finished)
    assert "Best epoch: 1 of 2; stopped after 3 epochs.\n" in paper.file.getvalue()
    settings["training"]["refit"] = True
    show_training(paper, {**results, "settings": settings, "best_epoch": 1, "reason": "3 epochs"}, finished)
    assert "Best epoch: 1 of 2; stopped after 3 epochs; then refit for 1 epoch.\n" in paper.file.getvalue()
