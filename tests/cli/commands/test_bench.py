"""minirearec bench: a whole benchmark of a small data file, comparisons, and how peers are started."""

import json
import subprocess
import sys

import pytest

from minirearec.bench import session
from minirearec.bench.session import Done, Measured, Measuring
from minirearec_cli.views import bench

SMALL = ("--width", 8, "--inner-width", 8, "--layers", 1, "--batch-positions", 200)


@pytest.fixture(scope="module")
def measured(tiny, minirearec, tmp_path_factory):
    """Measure once, with NumPy: its processes start fast. Return the file of the result and the program's output."""
    path = tmp_path_factory.mktemp("bench") / "old.json"
    done = minirearec("bench", "--dataset", tiny, "--backend", "numpy", "--threads", 1, "--quick", "-o", path, *SMALL)
    assert done.exit_code == 0, done.output
    return path, done


@pytest.fixture
def again(measured, monkeypatch):
    """Measure nothing: return the earlier result, with the steps twice as fast."""
    result = json.loads(measured[0].read_text())
    result["cases"]["training step"]["seconds"]["median"] /= 2
    result["memory"]["training"] *= 2
    monkeypatch.setattr(session, "measure", lambda request: iter(
        [Measuring("training", 0, 1), Measured("training step", 0.5), Done(result)]))
    return result


def test_the_tables(measured):
    path, done = measured
    result = json.loads(path.read_text())
    assert result["command"].startswith("minirearec bench --dataset ")
    for name in result["cases"]:
        assert f" {name} " in done.stdout
    assert "minirearec recommend" in result["cases"]
    assert "Reasoning's overhead, K = 2 over K = 0:" in done.stdout
    assert "200 users, 80 items" in done.stdout and "numpy on cpu, 1 of" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 90
    assert "training step: " in done.stderr


def test_an_earlier_result_is_shown_beside_this_one(measured, again, tiny, minirearec):
    words = ("bench", "--dataset", tiny, "--backend", "numpy", "--compare", measured[0], *SMALL)
    done = minirearec(*words)
    lines = {line.strip().split("  ")[0]: line for line in done.stdout.splitlines()}
    assert lines["training step"].split()[-1] == "0.50" and lines["training epoch"].split()[-1] == "1.00"
    assert lines["training"].split()[-1] == "2.00"
    assert json.loads(minirearec(*words, "--json").stdout) == again


@pytest.mark.parametrize("words, told", [
    (("--width", 16), "width (8 there, 16 here)"), (("--backend", "torch"), "backend (numpy)"),
    (("--method", "prl"), "method ('erl' there, 'prl' here)")])
def test_other_work_is_refused_first(measured, tiny, minirearec, refused, monkeypatch, words, told):
    monkeypatch.setattr(session, "measure", None)
    refused(minirearec("bench", "--dataset", tiny, "--backend", "numpy", *SMALL, "--compare", measured[0], *words),
            "it measured other work", told)


def test_a_result_that_cannot_be_saved_is_refused_first(tiny, minirearec, refused, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "measure", None)
    refused(minirearec("bench", "--dataset", tiny, "-o", tmp_path), "is a folder")
    refused(minirearec("bench", "--dataset", tiny, "-o", tiny), "there is something here already")
    refused(minirearec("bench", "--dataset", tiny, "-o", tmp_path / "no" / "x.json"), "its folder does not exist")
    monkeypatch.setattr(bench, "TemporaryFile", lambda **_: (tmp_path / "no" / "x").touch())
    refused(minirearec("bench", "--dataset", tiny, "-o", tmp_path / "x.json"), "cannot be written")
    refused(minirearec("bench", "--dataset", tiny, "--compare", tiny), "not a result of minirearec bench")
    refused(minirearec("bench", "--dataset", "beauti"), "beauti")


def test_counts_is_refused(tiny, minirearec, refused):
    refused(minirearec("bench", "--dataset", tiny, "--method", "counts"), "method counts has no neural network")


def test_peers_are_run_by_their_script(minirearec, monkeypatch):
    called = []
    monkeypatch.setattr(subprocess, "call", lambda words: called.append(words) or 3)
    result = minirearec("bench", "--peers", "--data-dir", "d", "--threads", 2, "--quick")
    assert result.exit_code == 3
    assert called[0][0] == sys.executable and called[0][1].endswith("tests/peers/run.py")
    assert called[0][2:] == ["--dataset", "beauty", "--data-dir", "d", "--threads", "2", "--epochs", "3"]


def test_an_installation_says_how_to_run_peers(minirearec, refused, monkeypatch, tmp_path):
    import minirearec as library

    monkeypatch.setattr(library, "__file__", str(tmp_path / "minirearec" / "__init__.py"))
    refused(minirearec("bench", "--peers"), "are in the repository, not in an installation",
            "python tests/peers/run.py --dataset beauty")


def test_settings_of_one_model_are_refused_for_peers(minirearec):
    result = minirearec("bench", "--peers", "--width", 32)
    assert result.exit_code == 2 and "--width cannot be given with --peers" in result.stderr
