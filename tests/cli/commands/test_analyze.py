"""minirearec analyze: tables, one JSON object, or a tidy CSV."""

import csv
import io
import json

import pytest

from minirearec.runs import opening


def test_tables_json_and_csv_say_the_same(finished, minirearec):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    result = json.loads(minirearec("analyze", finished, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(minirearec("analyze", finished, "--csv").stdout)))
    shown = minirearec("analyze", finished, env={"COLUMNS": "100"}).stdout
    stored = json.loads((finished / "results.json").read_text())
    assert result["excluded"] == stored["test"]["excluded"]
    [figure] = [row for row in rows if (row["table"], row["row"], row["group"], row["measure"]) == (
        "metrics", "step 2", "excluded", "NDCG@20")]
    assert float(figure["value"]) == result["excluded"]["step 2"]["NDCG@20"]
    assert f"{float(figure['value']):.4f}"[1:] in shown
    assert f"{result['gains']['NDCG@20']['null oracle']['value']:+.4f}" in shown
    assert before == {path.name: path.read_bytes() for path in finished.iterdir()}


def test_one_form_of_output(finished, minirearec, refused):
    refused(minirearec("analyze", finished, "--json", "--csv"), "exclude each other")
    refused(minirearec("analyze", "missing"), "no such run")


def test_times_of_inference_only_when_asked_for(finished, minirearec):
    shown = minirearec("analyze", finished, "--timing", env={"COLUMNS": "80"}).stdout
    assert "Time of inference per target" in shown and "K = 5" in shown and "+10.61%" in shown
    timing = json.loads(minirearec("analyze", finished, "--timing", "--json").stdout)["timing"]
    assert len(timing["cached"]) == len(timing["uncached"]) == 6
    assert json.loads(minirearec("analyze", finished, "--json").stdout)["timing"] is None


def test_another_part_is_analyzed(finished, minirearec):
    found, evaluated = (json.loads(minirearec(command, finished, "--part", "valid", "--json").stdout)
                        for command in ("analyze", "evaluate"))
    assert found["part"] == "valid" and found["excluded"] == evaluated["valid"]["excluded"]


@pytest.mark.parametrize("command", ["analyze", "evaluate"])
def test_the_backend_is_the_one_that_is_asked_for(command, finished, minirearec, monkeypatch):
    asked, load = [], opening.make_engine
    monkeypatch.setattr(opening, "make_engine", lambda config, items, weights, backend, *more, **named: (
        asked.append(backend), load(config, items, weights, backend, *more, **named))[1])
    assert minirearec(command, finished, "--backend", "numpy").exit_code == 0 and asked == ["numpy"]
