"""minirearec compare: side by side, with a verdict; and refusals."""

import csv
import io
import json

import pytest


@pytest.fixture(scope="module")
def base(tiny, minirearec, small, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "base"
    assert minirearec("train", "--dataset", tiny, "--method", "base", "--epochs", 1, "--out", path, *small,
                      "--quiet").exit_code == 0
    return path


def test_tables_json_and_csv_say_the_same(base, finished, minirearec):
    shown = minirearec("compare", base, finished)
    assert shown.exit_code == 0, shown.stderr
    found = json.loads(minirearec("compare", base, finished, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(minirearec("compare", base, finished, "--csv").stdout)))
    [difference] = found["differences"]
    assert found["settings"][1]["runs"] == [str(finished)]
    assert float(rows[1]["difference"]) == difference["difference"]["value"]
    assert f"prl: {difference['verdict']}." in shown.stdout
    stored = json.loads((finished / "results.json").read_text())["test"]
    assert found["settings"][1]["metrics"] == stored["excluded"][stored["answer"]]
    valid = json.loads(minirearec("compare", base, finished, "--part", "valid", "--json").stdout)
    expected = json.loads((finished / "results.json").read_text())["validation"]
    assert valid["part"] == "valid" and valid["settings"][1]["metrics"] == expected


def test_refusals(base, finished, minirearec, refused, tmp_path, small):
    refused(minirearec("compare", base), "nothing to compare: only one run was given")
    refused(minirearec("compare", base, base), "same settings and the same seed")
    refused(minirearec("compare", base, finished, "--metric", "HR@3"), "--metric: unknown metric 'HR@3'")
    refused(minirearec("compare", "nowhere", "--metric", "HR@3"), "--metric: unknown metric 'HR@3'")
    assert "NDCG@10" in minirearec("compare", base, finished, "--metric", "ndcg@10").stdout
    assert minirearec("train", "--dataset", "beauty-sim", "--method", "counts", "--out", tmp_path / "x").exit_code == 0
    refused(minirearec("compare", base, tmp_path / "x"), "beauty-sim with sha256", "Only runs on the same data")
