"""A whole benchmark: its parts run in processes of their own, and their lines become one result."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from minirearec.bench import session
from minirearec.bench.session import Done, Measured, Measuring, Request, measure, run_part
from minirearec.config import Config
from minirearec.data import load
from minirearec.data.features import Features, save_features
from minirearec.errors import BenchError, ConfigError
from tests.small import SMALL


@pytest.fixture
def request_(tmp_path) -> Request:
    """Return a request on a data file, as processes of their own need it."""
    path = tmp_path / "tiny.txt"
    path.write_text("".join(f"{user} {' '.join(str(1 + (user + step) % 30) for step in range(6))}\n"
                            for user in range(1, 41)))
    return Request(Config.make(method="rpe", steps=1, **SMALL), load(path), "numpy", quick=True, threads=1)


@pytest.fixture
def program(monkeypatch):
    """Return a function that makes every process run this Python code instead of a part."""
    popen = subprocess.Popen

    def replace_by(code):
        monkeypatch.setattr(session.subprocess, "Popen",
                            lambda words, **options: popen([sys.executable, "-c", code], **options))

    return replace_by


@pytest.mark.parametrize("items", ["id", "morec"])
def test_everything_is_measured(request_, items, monkeypatch):
    data = request_.data
    features = Features(np.random.default_rng(0).standard_normal((data.n_items, 4)).astype(np.float32), "drawn")
    save_features(features, data, data.where.replace(".txt", ".features"))
    request_ = replace(request_, data=load(data.where), config=request_.config.replaced(items=items))
    monkeypatch.setattr(session, "start_up", lambda *_: iter(  # whole commands: tests/cli/commands/test_bench.py
        [{"case": "python itself", "note": "", "seconds": {"median": 1.0, "low": 1.0, "high": 1.0, "repeats": 2}}]))
    *events, last = measure(request_)
    assert [event.part for event in events if isinstance(event, Measuring)] == [*session.PARTS, "start-up"]
    assert isinstance(last, Done)
    result = json.loads(json.dumps(last.result))
    assert [event.name for event in events if isinstance(event, Measured)] == list(result["cases"])
    assert result["cases"]["training step"]["part"] == "training"
    assert result["cases"]["python itself"]["part"] == "start-up"
    for case in result["cases"].values():
        assert 0 < case["seconds"]["low"] <= case["seconds"]["median"] <= case["seconds"]["high"]
        assert case.get("flops", 1) > 0 and case.get("share", 1) > 0
    assert set(result["memory"]) == {"training", "evaluation", "opening and recommending"}
    assert result["data"]["sha256"] == request_.data.sha256 and result["quick"]
    assert result["settings"] == request_.config.replaced(
        feature_width=4 if items == "morec" else 0).to_dict() and result["backend"] == "numpy"
    assert result["machine"]["threads"] == 1 and result["machine"]["versions"]["numpy"]


@pytest.mark.parametrize("part, threads", [("training", "2"), ("serving", "1")])
def test_threads_are_those_of_the_request_but_one_user_has_one(request_, program, tmp_path, part, threads):
    program("import json, os, sys; job = json.load(sys.stdin); "
            "print(json.dumps([os.environ['OMP_NUM_THREADS'], job['part']]))")
    assert list(run_part(part, replace(request_, threads=2), tmp_path)) == [[threads, part]]


def test_an_error_of_a_part_is_raised(request_, program, tmp_path):
    program("import time; print('{\"error\": [\"is gone\", \"data\", \"Look.\"]}', flush=True); time.sleep(60)")
    with pytest.raises(BenchError, match="data: is gone. Look."):
        list(run_part("training", request_, tmp_path))


def test_a_process_that_dies_is_told(request_, program, tmp_path):
    program("import os; os._exit(7)")
    with pytest.raises(BenchError, match="bench, training: the process of the part ended with exit code 7"):
        list(run_part("training", request_, tmp_path))


def test_a_reader_who_stops_early_leaves_no_process_behind(request_, program, tmp_path):
    program("import json, os, time; print(json.dumps({'pid': os.getpid()}), flush=True); time.sleep(60)")
    lines = run_part("training", request_, tmp_path)
    pid = next(lines)["pid"]
    lines.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_counting_has_no_products(request_):
    with pytest.raises(ConfigError, match="method counts has no neural network to measure"):
        next(measure(replace(request_, config=Config.make(method="counts"))))


def test_an_item_encoder_without_features_is_refused(request_):
    with pytest.raises(ConfigError, match="the item encoder unisrec needs features of the items"):
        next(measure(replace(request_, config=Config.make(items="unisrec"))))


def test_a_command_that_fails_is_told(request_, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "PROGRAM", (sys.executable, "-c", "import os; os._exit(3)"))
    with pytest.raises(BenchError, match="minirearec --help: it ended with exit code 3"):
        list(session.start_up(request_, tmp_path))


@pytest.mark.parametrize("ids, expected", [((",a", "b"), "--history=b"), ((",a", "b,"), None)])
def test_a_recommendation_is_for_an_id_that_can_be_typed(ids, expected, request_, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(session.subprocess, "run", lambda words, **_: asked.append(words))
    data = replace(request_.data, item_ids=np.array(ids))
    list(session.start_up(replace(request_, data=data), tmp_path))
    assert {word for words in asked for word in words if word.startswith("--history")} == {expected} - {None}


def test_work_has_the_width_of_the_features(request_):
    values = np.random.default_rng(0).standard_normal((request_.data.n_items, 3)).astype(np.float32)
    save_features(Features(values, "x"), request_.data, Path(request_.data.where).with_suffix(".features"))
    asked = replace(request_, config=Config.make(items="morec", **SMALL), data=load(request_.data.where))
    assert session.work_of(asked)["settings"]["model"]["feature_width"] == 3
