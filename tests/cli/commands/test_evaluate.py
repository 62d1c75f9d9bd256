"""minirearec evaluate repeats what training found, and writes nothing."""

import json
import re

import pytest


def test_the_numbers_of_results_json_come_back_exactly(finished, minirearec, figures):
    shown = json.loads(minirearec("evaluate", finished, "--json").stdout)
    stored = figures(finished)
    assert shown["test"] == stored["test"]
    assert shown == {key: stored[key] for key in shown}


def test_the_validation_part_is_what_selected_the_epoch(finished, minirearec, figures):
    shown = json.loads(minirearec("evaluate", finished, "--part", "valid", "--json").stdout)
    assert "test" not in shown
    assert shown["valid"]["excluded"][shown["valid"]["answer"]] == figures(finished)["validation"]


@pytest.mark.parametrize("part, title", [("test", "Test"), ("valid", "Validation")])
def test_the_table_is_the_one_of_training(part, title, finished, minirearec):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    result = minirearec("evaluate", finished, "--part", part)
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout.startswith(f"{title} metrics on tiny, 200 users\n")
    if part == "test":
        assert minirearec("train", "--resume", finished).stdout.startswith(result.stdout)
    assert before == {path.name: path.read_bytes() for path in finished.iterdir()}


def test_a_blend_is_a_row_of_its_own(finished, minirearec, figures, refused, tiny, tmp_path):
    shown = json.loads(minirearec("evaluate", finished, "--blend", "counts:pctm", "--json").stdout)
    stored = figures(finished)["test"]
    rows = shown["test"]["excluded"]
    assert list(rows) == [*list(stored["excluded"])[:3], "counts:pctm", "blend", "best step (oracle)", "null oracle"]
    assert all(rows[name] == values for name, values in stored["excluded"].items()), "the run keeps its own figures"
    assert list(shown["blend"]["weights"]) == ["this run", "counts:pctm"] and shown["test"]["answer"] == "step 2"
    out = tmp_path / "pctm"
    assert minirearec("train", "--dataset", tiny, "--method", "counts", "--counts", "pctm", "--out", out).exit_code == 0
    with_run = json.loads(minirearec("evaluate", finished, "--blend", out, "--json").stdout)
    assert with_run["blend"]["weights"]["pctm"] == shown["blend"]["weights"]["counts:pctm"]
    assert with_run["test"]["excluded"]["blend"] == rows["blend"]
    table = minirearec("evaluate", finished, "--blend", "counts:pctm").stdout
    assert "  blend: " in table and " x counts:pctm, fitted on validation\n" in table
    refused(minirearec("evaluate", finished, "--blend", "counts:magic"), "unknown count model 'magic'")
    refused(minirearec("evaluate", finished, "--blend", "nowhere"), "no such run directory")


def test_a_gate_and_halting_have_rows_of_their_own(finished, minirearec, figures, refused, tiny, tmp_path):
    stored = figures(finished)["test"]
    gate, halt = (json.loads(minirearec("evaluate", finished, option, "--json").stdout)
                  for option in ("--gate", "--halt"))
    for found, row in ((gate, "fitted gate"), (halt, "halt")):
        rows = found["test"]["excluded"]
        assert list(rows) == [*list(stored["excluded"])[:3], row, "best step (oracle)", "null oracle"]
        assert all(rows[name] == values for name, values in stored["excluded"].items())
        assert found["test"]["answer"] == "step 2", "neither takes the place of the model's answer"
    assert list(gate["gate"]["shares"]) == ["step 0", "step 1", "step 2"]
    assert [way["name"] for way in halt["halt"]["ways"]][:4] == ["always 0", "always 1", "always 2",
                                                                "small KL"]
    asked = json.loads(minirearec("evaluate", finished, "--halt", "--metrics", "NDCG@7,coverage@5", "--json").stdout)
    assert {"NDCG@7", "Coverage@5"} <= set(asked["test"]["excluded"]["halt"] | asked["test"]["excluded"]["step 2"])
    shown = minirearec("evaluate", finished, "--gate").stdout
    assert "  fitted gate: on average 0." in shown and " of the oracle's gain over step " in shown
    shown = minirearec("evaluate", finished, "--halt", "--part", "valid").stdout
    assert "Adaptive depth: when to stop" in shown and "; null oracle: " in shown
    assert max(map(len, shown.split("Adaptive depth")[1].splitlines())) <= 80
    refused(minirearec("evaluate", finished, "--gate", "--halt"), "exclude each other")
    alone = tmp_path / "alone"
    assert minirearec("train", "--dataset", tiny, "--method", "counts", "--out", alone).exit_code == 0
    refused(minirearec("evaluate", alone, "--halt"), "takes no reasoning steps")


def test_a_refit_is_evaluated_by_what_each_part_allows(minirearec, figures, refused, tiny, small, tmp_path):
    out = tmp_path / "refit"
    trained = minirearec("train", "--dataset", tiny, "--epochs", 2, "--refit", "--out", out, *small)
    assert trained.exit_code == 0, trained.stderr
    assert "refit on train and validation: " in trained.stderr and "refit epoch 1  loss " in trained.stderr
    assert "fitted on train and validation" in trained.stdout and "; then refit for " in trained.stdout
    stored = figures(out)
    assert stored["fitted_on"] == "train and validation" and stored["settings"]["training"]["refit"] is True
    test = json.loads(minirearec("evaluate", out, "--json").stdout)
    assert test["test"] == stored["test"] and test["fitted_on"] == "train and validation"
    assert "\nfitted on train\n" in minirearec("evaluate", out, "--part", "valid").stdout
    valid = json.loads(minirearec("evaluate", out, "--part", "valid", "--json").stdout)
    assert valid["fitted_on"] == "train"
    assert valid["valid"]["excluded"][valid["valid"]["answer"]] == stored["validation"]
    for more in (("--gate",), ("--halt",), ("--blend", "counts:pctm")):
        for part, expected in (("test", test), ("valid", valid)):
            rows = json.loads(minirearec("evaluate", out, *more, "--part", part, "--json").stdout)[part]["excluded"]
            assert all(rows[row] == values for row, values in expected[part]["excluded"].items())
    blend = json.loads(minirearec("evaluate", out, "--blend", "counts:pctm", "--json").stdout)
    assert blend["fitted_on"] == "train and validation"
    assert blend["test"]["excluded"]["step 0"] == stored["test"]["excluded"]["step 0"]
    alone = tmp_path / "alone"
    assert minirearec("train", "--dataset", tiny, "--method", "counts", "--out", alone).exit_code == 0
    refused(minirearec("evaluate", out, "--blend", alone), "was fitted on train and validation, ", "alone on train.")
    (out / "refit.safetensors").unlink()
    refused(minirearec("evaluate", out), "the refit has not finished", f"minirearec train --resume {out}")


def test_missing_results_are_not_written(finished, minirearec, tmp_path):
    import shutil

    run = shutil.copytree(finished, tmp_path / "run")
    (run / "results.json").unlink()
    assert minirearec("evaluate", run).exit_code == 0
    assert not (run / "results.json").exists()


@pytest.mark.parametrize("width, columns", [(60, 3), (80, 3), (100, 4), (120, 5)])
def test_a_wider_terminal_shows_more_metrics(width, columns, finished, minirearec):
    result = minirearec("evaluate", finished, env={"COLUMNS": str(width)})
    rows = [line for line in result.stdout.splitlines() if line.startswith(" > step 2")]
    assert max(map(len, result.stdout.split("> the model")[0].splitlines())) <= width
    sides = [len(re.findall(r"\.\d{4}", row)) for row in rows]
    assert sides == ([columns, columns] if width < 76 else [2 * columns])
