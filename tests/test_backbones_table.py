"""The table of backbones: a repeated command trains only what is missing, and differences are paired by user."""

import json

import numpy as np
from click.testing import CliRunner

from minirearec.evaluation.metrics import bootstrap_interval
from minirearec.evaluation.ranking import Ranks
from tests.benchmarks import backbones
from tests.benchmarks.compare import parse

NDCG = {0: 1.0, 1: 0.6309297535714575, 2: 0.5, 50: 0.0}  # by how many items are ranked above the target


def finished(*above: int) -> dict:
    ranks = Ranks(np.array(above), np.zeros(len(above), int))
    return {"epochs": 4, "best": 2, "cpu_seconds": 10.0, "peak_gib": 0.5, "ranks": backbones.packed(ranks)}


def test_a_text_names_the_method_and_its_settings():
    assert parse("erl kl_weight=0.1 items=unisrec with_ids=true layers=1") == {
        "method": "erl", "kl_weight": 0.1, "items": "unisrec", "with_ids": True, "layers": 1}


def test_a_method_is_compared_with_the_base_of_its_own_model_over_the_seeds_of_both():
    cells = {("sasrec", "id", "base"): {0: finished(0, 50, 1), 1: finished(50, 50, 1)},
             ("sasrec", "id", "prl"): {0: finished(1, 2, 1), 1: finished(2, 0, 1), 2: finished(50, 50, 50)},
             ("sasrec", "morec", "base"): {}, ("sasrec", "morec", "prl"): {0: finished(0, 0, 0)}}
    _, _, base, prl, morec = backbones.table(cells)
    assert base.split("|")[4:6] == [" 2 ", " 0.5000 "]
    assert base.split("|")[8:] == ["  ", " 2/4, 2/4 ", " 2.5 ", " 0.50 ", ""]
    difference = np.array([(NDCG[1] - NDCG[0] + NDCG[2]) / 2, (NDCG[2] + NDCG[0]) / 2, 0])
    low, high = bootstrap_interval(difference)
    assert "| 3 | 0.6667 | " in prl and f"| {difference.mean():+.4f} ({low:+.4f} .. {high:+.4f}) |" in prl
    assert morec.split("|")[8] == "  ", "no base to compare with"


def test_the_command_trains_what_is_missing_and_no_more(tmp_path, monkeypatch):
    rng, path, results = np.random.default_rng(0), tmp_path / "own.txt", tmp_path / "own.jsonl"
    path.write_text("".join(f"{user} {' '.join(map(str, rng.integers(1, 20, 6)))}\n" for user in range(1, 40)))
    words = ["--dataset", str(path), "--results", str(results), "--backbones", "sasrec", "--items", "id",
             "--set", "inner_width=8 layers=1", "--width", "8", "--epochs", "1"]

    def call(*more):
        return CliRunner().invoke(backbones.main, [*words, *more], catch_exceptions=False).output

    output = call("--methods", "erl")
    assert "sasrec, id, erl, seed 0: validation NDCG@20" in output and "| sasrec | id | erl | 1 |" in output
    line = json.loads(results.read_text())
    assert len(backbones.values(line)["NDCG@20"]) == 39
    assert json.loads(line["key"])["settings"] == {"width": 8, "inner_width": 8, "layers": 1, "epochs": 1}
    assert call("--methods", "base,erl", "--show").splitlines() == output.splitlines()[1:]
    trained = []
    monkeypatch.setattr(backbones, "train", lambda place, missing, *_: trained.append(missing))
    assert "| sasrec | id | erl | 1 |" in call("--methods", "base,erl", "--seeds", "2")
    assert [(one.objective.method, one.training.seed) for one in trained[0].values()] == [
        ("base", 0), ("base", 1), ("erl", 1)]
