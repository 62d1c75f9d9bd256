"""The scripts that train peers: vectors are evaluated as our models are, and a failed installation is told."""

import importlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from minirearec.bench.parts import Job
from minirearec.config import Config
from minirearec.data.splits import make_split
from minirearec.evaluation.full_ranking import evaluate
from tests.small import SMALL


@pytest.fixture
def peers(monkeypatch):
    """Return a function that imports a script of tests/peers."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "peers"))
    return importlib.import_module


def test_vectors_have_the_metrics_of_our_evaluation(peers, data):
    split, scorer = make_split(data), Job(Config.make(method="base", **SMALL), data, "numpy").scorer()
    vectors = {"table": scorer.engine.weights()["item_embedding"], "known": np.ones(data.n_items, bool)}
    for part in ("valid", "test"):
        everyone = np.arange(split.n_rows(part))
        vectors[part] = scorer.engine.answer(scorer.states(*split.inputs(everyone, part, scorer.max_length)))
        expected = evaluate(scorer, split, part).metrics()
        assert peers("run").evaluate(split, part, vectors) == pytest.approx(expected, abs=1e-12)
    vectors["known"][split.target("test")] = False
    assert peers("run").evaluate(split, "test", vectors)["NDCG@10"] < expected["NDCG@10"], "unknown items come last"


def test_a_peer_gets_the_split_and_returns_its_vectors(peers, data, tmp_path, monkeypatch, capsys):
    import io
    import sys

    split = make_split(data)
    peers("run").prepare(tmp_path, split, {"max_length": 5, "items": data.n_items})
    monkeypatch.setattr(sys, "argv", ["peer", str(tmp_path)])
    monkeypatch.setattr(sys, "stdin", io.StringIO("more\nstop\n"))
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # the exchange redirects what a library prints
    exchange = peers("exchange").Exchange()
    assert [len(history) for history in exchange.histories()] == (np.diff(split.train_offsets)).tolist()
    assert exchange.split["test_items"].shape[1] == 5

    def encode(items, lengths):
        return items[np.arange(len(items)), lengths - 1, None].astype(float)  # the last item of each history

    assert exchange.epoch_done(1.5, encode, np.zeros((data.n_items, 1)))
    assert not exchange.epoch_done(2.5, encode, np.zeros((data.n_items, 1)))
    with np.load(tmp_path / "vectors.npz") as vectors:
        assert (vectors["test"][:, 0] == [split.history(row, "test")[-1] for row in range(split.n_rows("test"))]).all()
        assert vectors["known"].all()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["epoch"], line["seconds"]) for line in lines] == [(1, 1.5), (2, 2.5)]


def test_an_environment_that_cannot_be_made_says_why(peers, tmp_path, monkeypatch):
    module = peers("make_env")
    monkeypatch.setattr(module, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(module.venv, "create", lambda path, **_: path.mkdir())
    monkeypatch.setattr(module.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess(
        [], 1, stderr="note: x\n  fatal: unable to access it\nERROR: no\n"))
    assert module.make("recbole3") == "fatal: unable to access it"
    assert not (tmp_path / "recbole3" / "complete").exists()


def test_the_table_shows_the_latest_run_of_each_model(peers, tmp_path, capsys):
    metrics = {"Recall@10": 0.09, "NDCG@10": 0.05, "NDCG@20": 0.06}
    rows = [{"model": "base", "run": run, "epoch": epoch, "seconds": seconds, "test": metrics,
             "validation": {"NDCG@10": ndcg, "NDCG@20": ndcg}}
            for run, epoch, seconds, ndcg in (("1", 1, 99, 0.9), ("2", 1, 3.0, 0.01), ("2", 2, 5.0, 0.07))]
    rows.append({"model": "recbole3", "run": "2", "failed": "could not be installed: x"})
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    peers("run").show(path, 0.06)
    text = capsys.readouterr().out
    assert "4.0 (3.0-5.0)      2          8     2  0.0900 / 0.0500 / 0.0600" in text
    assert "RecBole3.0, ReaRec          could not be installed: x" in text and "99" not in text
