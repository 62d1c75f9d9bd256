"""Giving a run away: it recommends with no data set at hand and no network, on both backends."""

import json
import shutil
import socket

import numpy as np
import pytest
from click.testing import CliRunner

from minirearec.config import Config
from minirearec.data import beauty_sim, load
from minirearec.errors import DataError, RunError
from minirearec.recommender import Recommender
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_items, load_scorer
from minirearec.training import Trainer
from minirearec_cli.main import cli
from tests.small import SMALL, finish

ROWS = [(user, (user + step) % 9, step) for user in range(30) for step in range(5)]
TITLED = "\n".join(["user_id,item_id,title,timestamp",
                    *(f"u{user},i{item},Film \u00e9 {item},{step}" for user, item, step in ROWS)])


@pytest.fixture(params=["erl", "counts"])
def given_away(request, tmp_path, monkeypatch):
    """Return a run in its own folder; its data set and the network are gone."""
    from minirearec.data.files.importing import import_file

    (tmp_path / "ratings.csv").write_text(TITLED, encoding="utf-8")
    from minirearec.data.files.folder import save

    save(import_file(tmp_path / "ratings.csv"), tmp_path / "films")
    config = Config.make(method=request.param, epochs=2, **SMALL)
    trainer = Trainer(config, load(tmp_path / "films"), out=tmp_path / "run")
    finish(trainer)
    here = trainer.recommender().recommend(["i1", "i2"], k=4)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(tmp_path / "run", elsewhere / "run")
    shutil.rmtree(tmp_path / "films")
    monkeypatch.setenv("MINIREAREC_DATA", str(elsewhere))

    def no_network(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    return elsewhere / "run", here


@pytest.mark.parametrize("backend", ["torch", "numpy"])
def test_a_run_recommends_without_its_data(backend, given_away):
    path, here = given_away
    model = Recommender.load(path, backend=backend)
    there = model.recommend(["i1", "i2"], k=4)
    assert [row.items for row in there] == [row.items for row in here]
    assert np.allclose([row.scores for row in there], [row.scores for row in here], atol=1e-5)
    assert model.items.titles[model.items.indices(["i3"])[0]] == "Film \u00e9 3"
    with pytest.raises(DataError, match="a user's history needs the data set, which a run does not hold"):
        model.history_of("u1")

    words = ["recommend", str(path), "-k", "4", "--backend", backend]
    shown = CliRunner().invoke(cli, [*words, "--history", "i1,i2", "--json"])
    assert shown.exit_code == 0, shown.output
    assert [row["items"] for row in json.loads(shown.output)["recommendations"]] == [row.items for row in here]
    assert "Film \u00e9 1" in CliRunner().invoke(cli, [*words, "--history", "i1,i2"]).output
    refused = CliRunner().invoke(cli, [*words, "--user", "u1"])
    assert refused.exit_code == 2 and "needs the data set" in refused.output and "Traceback" not in refused.output


def test_a_run_without_items_takes_them_from_its_data(data, tmp_path, monkeypatch):
    """Runs of an earlier version do not hold their items."""
    monkeypatch.setattr("minirearec.runs.opening.load", lambda *_, **__: data)
    trainer = Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run")
    finish(trainer)
    (tmp_path / "run" / "items.json").unlink()
    assert load_items(Run.open(tmp_path / "run")).ids.tolist() == data.item_ids.tolist()
    assert Recommender.load(tmp_path / "run").recommend([1, 2], k=3) == trainer.recommender().recommend([1, 2], k=3)


def test_counts_that_do_not_fit_are_named(data, tmp_path):
    trainer = Trainer(Config.make(method="counts"), data, out=tmp_path / "run")
    finish(trainer)
    weights, facts = trainer.run.load_tensors("best")
    trainer.run.save_tensors("best", {**weights, "starts": weights["starts"][:5]}, facts)
    with pytest.raises(RunError, match=r"starts has shape \[5\] instead of \[81\]"):
        load_scorer(Run.open(tmp_path / "run"))


def test_resuming_with_other_data_is_refused(data, tmp_path):
    finish(Trainer(Config.make(epochs=1, **SMALL), data, out=tmp_path / "run"))
    other = beauty_sim(seed=1, users=200, items=80, interactions=1600)
    with pytest.raises(RunError, match="trained on data with sha256"):
        Trainer.resume(Run.open(tmp_path / "run"), other)
