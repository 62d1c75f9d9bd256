"""Imported checkpoints of the authors' code score as recorded; unsafe files and other models are refused."""

import json
import os
import pickle

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from minirearec.data import read_sequences
from minirearec.errors import ConfigError, RunError
from minirearec.recommender import Recommender
from minirearec.runs.official import TOP_NAMES, import_official, read_checkpoint, read_settings
from minirearec_cli.main import cli
from tests.official import FILES, MORE, read


@pytest.fixture
def made(tmp_path):
    """Return a function that writes a checkpoint, its settings and a fitting data set of a recorded model."""

    def make(name):
        recorded = read(name)
        state = {key.removeprefix("weight/"): torch.tensor(value).float()
                 for key, value in recorded.arrays.items() if key.startswith("weight/")}
        torch.save(state, tmp_path / "model.pt")
        config = recorded.config
        settings = {"model_name": config["objective"].upper(), "num_heads": config["n_heads"],
                    "temperature": config["temperature"], "reason_step": config["reasoning_steps"]}
        (tmp_path / "config.json").write_text(json.dumps(settings))
        ids = np.arange(config["n_items"]) + 1
        (tmp_path / "data.txt").write_text("\n".join(f"{user} {' '.join(map(str, np.roll(ids, user)))}"
                                                     for user in range(1, 5)))
        return recorded, tmp_path

    return make


@pytest.mark.parametrize("name", FILES + MORE)
def test_an_imported_run_scores_as_the_authors_code(name, made):
    recorded, folder = made(name)
    words = ["import-official", folder / "model.pt", "--config", folder / "config.json", "--out", folder / "run",
             "--dataset", folder / "data.txt"]
    outcome = CliRunner().invoke(cli, list(map(str, words)))
    assert outcome.exit_code == 0, outcome.output
    for backend in ("torch", "numpy"):
        recommender = Recommender.load(folder / "run", backend=backend)
        for row, length in enumerate(recorded.lengths):
            history = (recorded.items[row, :length] + 1).tolist()
            found = recommender.recommend(history, k=100, keep_seen=True)[-1]
            scores = dict(zip(found.items, found.scores, strict=True))
            ours = np.array([scores[item + 1] for item in range(recorded.config["n_items"])])
            theirs = recorded.arrays["logits"][row, :-1] * recorded.config["temperature"]
            assert ours == pytest.approx(theirs, abs=1e-4)
    outcome = CliRunner().invoke(cli, ["evaluate", str(folder / "run"), "--json"])
    assert json.loads(outcome.stdout)["method"] == recorded.config["objective"]
    before = (folder / "run" / "best.safetensors").read_bytes()
    refused = CliRunner().invoke(cli, ["train", "--resume", str(folder / "run")])
    assert refused.exit_code == 2 and "holds an imported model, which has no training to resume" in refused.stderr
    assert (folder / "run" / "best.safetensors").read_bytes() == before, "it was not trained over"


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    for save in (lambda path: torch.save({"item_emb.weight": Attack()}, path),
                 lambda path: path.write_bytes(pickle.dumps(Attack(), protocol=2))):
        save(tmp_path / "bad.pt")
        with pytest.raises(RunError, match="not loaded: damaged, or not a file of tensors only"):
            read_checkpoint(tmp_path / "bad.pt")
        assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize("content, message", [
    ([1, 2], "not a state dict"),
    ({"conv.weight": torch.zeros(2)}, "has a parameter 'conv.weight'"),
    ({"item_emb.weight": torch.zeros(2, 2)}, "lacks position_embedding"),
    ({1: torch.zeros(2)}, "not a state dict"),
    ({"item_emb.weight": torch.zeros(2, 2, dtype=torch.complex64)}, "item_emb.weight is not an array of real numbers"),
    ({"item_emb.weight": torch.zeros(2, 2).to_sparse()}, "item_emb.weight is not an array of real numbers"),
    ({"item_emb.weight": torch.zeros(2, 2, dtype=torch.int64)}, "item_emb.weight is not an array of real numbers"),
    ({name: torch.zeros(2, 2) for name in TOP_NAMES}, "lacks blocks.0.inner.bias"),
    ({**{name: torch.zeros(2) for name in TOP_NAMES}, "trm_encoder.layer.0.feed_forward.dense_1.bias": torch.zeros(2)},
     "item_embedding has another number of axes"),
])
def test_another_model_is_refused(content, message, tmp_path):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(RunError, match=message):
        read_checkpoint(tmp_path / "other.pt")


@pytest.mark.parametrize("change, error, message", [
    ({"model_name": "SASRec"}, ConfigError, "has ERL and PRL"),
    ({"reason_step": 7}, RunError, "steps is 7 there and 2 in the checkpoint"),
    ({"num_heads": None}, ConfigError, "expected a whole number"),
    ({"magic": 1}, ConfigError, "unknown setting 'magic'"),
    ({"heads": 2}, ConfigError, "heads is the second name of one setting"),
    ({"backbone": "bert4rec"}, ConfigError, "backbone is not a setting of the authors' code"),
    ({"refit": True}, ConfigError, "refit is not a setting of the authors' code"),
])
def test_settings_that_do_not_fit_are_refused(change, error, message, made):
    _, folder = made("prl_k2")
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, **change}))
    with pytest.raises(error, match=message):
        import_official(folder / "model.pt", folder / "config.json", read_sequences(folder / "data.txt"),
                        folder / "run")
    assert not (folder / "run").exists()


@pytest.mark.parametrize("content, message", [
    ("[1]", "a JSON list, not an object"), ("[" * 100_000, "not JSON"), ("{", "not JSON")])
def test_settings_that_are_no_object_are_refused(content, message, made):
    _, folder = made("prl_k2")
    (folder / "config.json").write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_settings(folder / "config.json")


def test_parameters_are_read_like_tensors(made):
    _, folder = made("prl_k2")
    plain = read_checkpoint(folder / "model.pt")
    state = torch.load(folder / "model.pt", weights_only=True)
    torch.save({name: torch.nn.Parameter(value) for name, value in state.items()}, folder / "model.pt")
    again = read_checkpoint(folder / "model.pt")
    assert plain.keys() == again.keys() and all((plain[name] == again[name]).all() for name in plain)


def test_files_that_are_missing_or_of_another_size(made):
    _, folder = made("prl_k2")
    data = read_sequences(folder / "data.txt")
    with pytest.raises(RunError, match="cannot read this file"):
        import_official(folder / "none.pt", folder / "config.json", data, folder / "run")
    with pytest.raises(ConfigError, match="cannot read this file"):
        import_official(folder / "model.pt", folder / "none.toml", data, folder / "run")
    (folder / "small.txt").write_text("1 1 2 3 4\n")
    with pytest.raises(RunError, match="item_embedding has shape .40, 16. instead of .4, 16.*small has 4 items"):
        import_official(folder / "model.pt", folder / "config.json", read_sequences(folder / "small.txt"), folder / "r")
