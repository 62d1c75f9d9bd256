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
