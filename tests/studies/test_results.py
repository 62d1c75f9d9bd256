"""The file of results: packed ranks, and lines that are found by their data and settings."""

import json

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.evaluation.metrics import per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.studies.results import Results, packed, unpacked

LINE = {"answer": "counts", "steps": ["counts"], "ranks": {}, "valid": {"counts": {"NDCG@20": 0.1}},
        "test": {"counts": {"NDCG@20": 0.1}}}


def test_ranks_survive_and_far_ones_end_in_the_last_place():
    ranks = Ranks(np.array([0, 3, 999, 70_000]), np.array([0, 2, 0, 1]))
    found = unpacked(packed(ranks))
    assert found.above.tolist() == [0, 3, 999, 1000] and found.tied.tolist() == [0, 2, 0, 1]
    for name, values in per_user(ranks).items():
        assert np.array_equal(per_user(found)[name], values)


def test_a_file_knows_data_and_blend(whole, data, tmp_path):
    other = Results(whole.out, data, ("counts:pctm",))
    assert [config.objective.method for config in other.lines] == ["counts"], "nothing blends with counts"
    lines = (whole.out / "results.jsonl").read_text().splitlines()
    (tmp_path / "results.jsonl").write_text(lines[0].replace(data.sha256, "f" * 64) + "\n")
    assert Results(tmp_path, data, ("counts",)).lines == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 1, "settings": {"x": 1}}', "7"])
def test_a_line_that_is_no_result(text, data, tmp_path):
    (tmp_path / "results.jsonl").write_text(json.dumps({"format": 0, "settings": Config.make().to_dict()}) + "\n"
                                            + text + "\n")
    with pytest.raises(RunError, match=r"results.jsonl:2: not a result of a study"):
        Results(tmp_path, data)


def test_many_ties_are_kept_and_lines_that_clipped_them_are_not_used(tmp_path, data):
    ranks = Ranks(np.array([0, 5000]), np.array([12_100, 3]))
    back = unpacked(packed(ranks))
    assert back.tied.tolist() == [12_100, 3] and back.above.tolist() == [0, 1000]
    config = Config.make(method="counts")
    results = Results(tmp_path, data)
    results.add("x", config, LINE | {"ranks": {"counts": packed(ranks)}})
    assert Results(tmp_path, data).lines
    for tied, used in ((999, True), (1000, False)):
        line = json.loads((tmp_path / "results.jsonl").read_text())
        line |= {"format": 1, "ranks": {"counts": packed(Ranks(np.array([0]), np.array([tied])))}}
        (tmp_path / "results.jsonl").write_text(json.dumps(line) + "\n")
        assert bool(Results(tmp_path, data).lines) is used


def test_a_line_that_cannot_be_written_leaves_the_others(tmp_path, data, monkeypatch):
    results = Results(tmp_path, data)
    results.add("x", Config.make(method="counts"), LINE)
    before = results.path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: pytest.fail("killed"))
    with pytest.raises(pytest.fail.Exception):
        results.add("y", Config.make(method="base"), LINE)
    assert results.path.read_bytes() == before


@pytest.mark.parametrize("damaged", [
    {"valid": {}}, {"test": {}}, {"answer": "step 9"}, {"steps": ["step 9"]}, {"steps": None},
    {"ranks": {"counts": "spoiled"}}, {"ranks": {"step 9": packed(Ranks(np.array([0]), np.array([0])))}}])
def test_a_damaged_line_is_named(damaged, tmp_path, data):
    Results(tmp_path, data).add("x", Config.make(method="counts"), LINE | damaged)
    with pytest.raises(RunError, match=r"results.jsonl:1: not a result of a study .* Delete the line"):
        Results(tmp_path, data)


def test_a_last_line_without_an_end_stays_a_line(tmp_path, data):
    results = Results(tmp_path, data)
    results.add("x", Config.make(method="counts"), LINE)
    results.path.write_bytes(results.content.rstrip(b"\n"))
    Results(tmp_path, data).add("y", Config.make(method="base"), LINE)
    assert len(Results(tmp_path, data).lines) == 2


def test_a_blended_run_that_was_trained_again_is_another_one(tmp_path, data):
    blend, neural, counts = ("runs/other",), Config.make(method="base"), Config.make(method="counts")
    first = Results(tmp_path, data, blend, sums={"runs/other": "a" * 64})
    first.add("x", neural, LINE)
    first.add("y", counts, LINE)
    assert len(Results(tmp_path, data, blend, sums={"runs/other": "a" * 64}).lines) == 2
    assert list(Results(tmp_path, data, blend, sums={"runs/other": "b" * 64}).lines) == [counts]


def test_what_cannot_be_written_or_read_is_named(tmp_path, data):
    results = Results(tmp_path, data)
    results.path.mkdir()
    with pytest.raises(RunError, match="results.jsonl: cannot be written"):
        results.add("x", Config.make(method="counts"), LINE)
    with pytest.raises(RunError, match="results.jsonl: is not a regular file"):
        Results(tmp_path, data)
