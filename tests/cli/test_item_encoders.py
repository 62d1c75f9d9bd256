"""Item encoders on the command line: from features beside the data to recommendations, and what can be wrong."""

import json

import numpy as np
import pytest

from minirearec.data import load
from minirearec.data.features import Features, save_features
from tests.cli.conftest import SMALL, call


@pytest.fixture(scope="module")
def described(tiny, tmp_path_factory):
    """Return a copy of the small data file, with features beside it."""
    path = tmp_path_factory.mktemp("described") / "tiny.txt"
    path.write_bytes(tiny.read_bytes())
    data = load(path)
    values = np.random.default_rng(0).standard_normal((data.n_items, 6)).astype(np.float32)
    save_features(Features(values, "drawn"), data, path.with_suffix(".features"))
    return path


@pytest.fixture(scope="module")
def run(described, tmp_path_factory):
    """Train UniSRec for an epoch. Tests only read the run."""
    path = tmp_path_factory.mktemp("runs") / "unisrec"
    result = call("train", "--dataset", described, "--items", "unisrec", "--with-ids", "--experts", 2, "--epochs", 1,
                  "--out", path, "--quiet", *SMALL)
    assert result.exit_code == 0, result.output
    return path


def test_features_beside_the_data_are_trained_with(minirearec, run):
    text = (run / "config.toml").read_text()
    assert 'items = "unisrec"' in text and "feature_width = 6" in text and "with_ids = true" in text
    result = minirearec("recommend", run, "--history", "3,7", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)
    assert minirearec("evaluate", run).exit_code == 0
    for backend in ("torch", "numpy"):
        found = json.loads(minirearec("analyze", run, "--backend", backend, "--json").stdout)
        assert found["thinking"]["attention"] and found["excluded"]["null oracle"]


def test_a_grid_of_item_encoders_is_swept_and_compared(minirearec, described, tmp_path):
    words = ("sweep", "--dataset", described, "--vary", "items=id,morec", "--epochs", 1, "--out", tmp_path, *SMALL)
    for _ in range(2):  # the second time, the width of the features is known to the runs alone
        result = minirearec(*words)
        assert result.exit_code == 0, result.stderr
    assert result.stderr.count("(done before)") == 2
    assert minirearec("compare", *tmp_path.glob("items-*")).exit_code == 0


@pytest.mark.parametrize("words, message", [
    (("--items", "unisrec"), "the item encoder unisrec needs features of the items"),
    (("--items", "morec"), "/tiny.txt --from FILE.npy. If"),
    (("--items", "unisrek"), "unisrek"),
    (("--with-ids",), "the item encoder id has nothing to add free vectors to"),
    (("--items", "unisrec", "--experts", 0), "--experts"),
    (("--items", "morec", "--adaptor-dropout", 1), "--adaptor-dropout"),
    (("--items", "unisrec", "--scores", "angle"), "--scores")])
def test_bad_input_is_one_message(minirearec, tiny, words, message, tmp_path):
    result = minirearec("train", "--dataset", tiny, *words, "--out", tmp_path / "run")
    assert result.exit_code == 2 and "Traceback" not in result.output
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "run").exists()


def test_features_of_the_run_that_changed_are_refused(minirearec, described, tmp_path):
    path = tmp_path / "run"
    words = ("--dataset", described, "--items", "morec", "--epochs", 1, "--out", path, "--quiet")
    assert minirearec("train", *words, *SMALL).exit_code == 0
    content = bytearray((path / "features.safetensors").read_bytes())
    content[-1] ^= 1
    (path / "features.safetensors").write_bytes(content)
    for command in (("recommend", path, "--history", "3,7"), ("evaluate", path),
                    ("export", path, "--to", "numpy", "--out", tmp_path / "page")):
        result = minirearec(*command)
        assert result.exit_code == 2 and "damaged" in result.stderr, command


def test_help_names_the_encoders_and_their_defaults(minirearec):
    text = " ".join(minirearec("train", "--help", env={"COLUMNS": "110"}).stdout.split())
    assert "unisrec, morec: seen" in text


def test_a_start_from_a_run_with_other_features_is_refused(minirearec, described, run, tmp_path):
    path = tmp_path / "tiny.txt"
    path.write_bytes(described.read_bytes())
    data = load(path)
    values = np.random.default_rng(1).standard_normal((data.n_items, 6)).astype(np.float32)
    save_features(Features(values, "others"), data, path.with_suffix(".features"))
    result = minirearec("train", "--dataset", path, "--from", run, "--epochs", 1, "--out", tmp_path / "more")
    assert result.exit_code == 2 and "was trained with features that data set tiny has changed" in result.stderr
