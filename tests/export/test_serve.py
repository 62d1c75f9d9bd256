"""The exported page computes what ``minirearec recommend --backend numpy`` does, in a Python without miniReaRec."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.export import serve
from minirearec.export.as_numpy import KNOWN_REASONERS, export_numpy
from minirearec.parts import Start
from minirearec.recommender import Recommender
from minirearec.reference.objectives.gate import gate_logits
from minirearec.reference.objectives.mixture import mixture_scores
from minirearec.reference.reasoning import last_states
from minirearec.reference.serving import serving_states
from minirearec.weights import draw, nest, starts_of

ALONE = """
import runpy, sys
for name in ("minirearec", "torch"):
    sys.modules[name] = None  # importing it fails
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
HISTORIES = ([7], [12, 7, 9], [3, 3, 3], [item % 80 + 1 for item in range(5, 105, 3)])  # the last is longer than 8


@pytest.fixture(scope="module")
def exported(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    return {method: export_numpy(run, folder / method) for method, run in runs.items()}


def page(folder, *words):
    """Return the result of ``python serve.py model.safetensors WORDS`` in a process without miniReaRec."""
    return subprocess.run([sys.executable, "-I", "-c", ALONE, folder / "serve.py", folder / "model.safetensors",
                           *map(str, words)], capture_output=True, text=True)


@pytest.mark.parametrize("keep_seen", [False, True])
@pytest.mark.parametrize("method", ["base", "naive", "rpe", "erl", "prl", "gate", "counts", "rules", "pctm"])
def test_recommendations_are_those_of_the_numpy_backend(method, keep_seen, runs, exported):
    model = Recommender.load(runs[method].path, backend="numpy")
    ours = serve.load(exported[method] / "model.safetensors")
    for history in HISTORIES:
        expected = next(row for row in model.recommend(history, 80, keep_seen) if row.row == model.answer)
        found = serve.recommend(*ours, history, 80, keep_seen)
        assert [score for _, score, _ in found] == pytest.approx(expected.scores, rel=1e-5, abs=1e-5)
        scores = dict(zip(expected.items, expected.scores, strict=True))
        assert [scores[item] for item, _, _ in found] == pytest.approx(expected.scores, rel=1e-5, abs=1e-5)
        assert all(title == f"Title of {item}" for item, _, title in found if item != 1)


@pytest.mark.parametrize("method", ["naive", "rpe"])
@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("positions, std", [("absolute", 0.001), ("absolute", 0.1), ("absolute", 2.0),
                                            ("recency", 0.1), ("relative", 0.1)])
def test_states_are_those_of_the_reference(positions, std, method, backbone):
    """All of them: the answer of most methods reads only the last. Large weights put far scores behind the mask."""
    config = Config.make(method=method, backbone=backbone, steps=3, width=12, heads=3, layers=3, max_length=20,
                         positions=positions)
    weights, history = draw(starts_of(config, 40), std, seed=1), np.arange(20) * 3 % 40
    if positions == "relative":
        weights["distance_bias"] += np.random.default_rng(1).normal(0, 2, weights["distance_bias"].shape)
    states = serve.reasoning_states(weights, config.to_dict()["model"], history)
    np.testing.assert_allclose(states, serving_states(nest(weights), history, 3, 3, backbone), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scores", ["dot", "cosine"])
@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("reasoner", KNOWN_REASONERS)
def test_steps_of_every_reasoner_are_those_of_the_reference(reasoner, backbone, scores):
    config = Config.make(method="rpe", reasoner=reasoner, backbone=backbone, steps=2, width=12, heads=3, layers=2,
                         max_length=20, scores=scores, guesses=3)
    begin = {name: Start(start.shape) for name, start in starts_of(config, 40).items()}
    weights, history = draw(begin, 0.4, seed=1), np.arange(20) * 3 % 40
    states = serve.reasoning_states(weights, config.to_dict()["model"], history)
    expected, _ = last_states(nest(weights), history[None], np.array([20]), 2, 3, backbone=backbone,
                              reasoning=config.model.reasoning)
    np.testing.assert_allclose(states, expected[0, 0], rtol=1e-3, atol=1e-3)


def test_a_mixture_is_that_of_the_reference():
    rng = np.random.default_rng(0)
    states, table, weight, bias = (rng.standard_normal(shape) for shape in ((4, 6), (30, 6), (4, 6), 4))
    found = serve.mixture(states, table, {"gate.weight": weight, "gate.bias": bias}, 0.3)
    np.testing.assert_allclose(found, mixture_scores(states, gate_logits(states, weight, bias), table, 0.3), rtol=1e-9)


def test_the_page_runs_without_minirearec(runs, exported):
    done = page(exported["erl"], 12, 7, 9, "-k", 80, "--keep-seen")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    expected = Recommender.load(runs["erl"].path, backend="numpy").recommend([12, 7, 9], 80, keep_seen=True)[-1]
    assert [line[0] for line in lines] == [str(rank) for rank in range(1, 81)]
    assert [float(line[2]) for line in lines] == pytest.approx(expected.scores, abs=1e-4)
    titles = {line[1]: line[3] for line in lines}
    assert titles["1"] == "?[2J?Good" and titles["12"] == "Title of 12"


@pytest.mark.parametrize("words, message", [
    (["7", "99"], "unknown item ids: 99"), (["7", "-k", "0"], "k from 1"), ([], "required: ITEM"),
    (["x"], "unknown item ids: x")])
def test_bad_input_is_one_message(words, message, exported):
    done = page(exported["counts"], *words)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_other_files_are_refused(runs, exported, tmp_path):
    (tmp_path / "serve.py").write_bytes((exported["prl"] / "serve.py").read_bytes())
    model = tmp_path / "model.safetensors"
    for content in (b"", b"no tensors at all", (runs["prl"].path / "best.safetensors").read_bytes()):
        model.write_bytes(content)
        done = page(tmp_path, 7)
        assert done.returncode == 2 and "serve.py: error: " in done.stderr and "Traceback" not in done.stderr


def test_ids_may_be_text(data, train, tmp_path):
    named = replace(data, item_ids=np.array([f"a{item:03}" for item in data.item_ids]))
    found = []
    for name, given, history in (("named", named, ["a003", "a007"]), ("numbered", data, [3, 7])):
        folder = export_numpy(train(given, tmp_path / name, method="counts"), tmp_path / f"{name}-numpy")
        found.append(serve.recommend(*serve.load(folder / "model.safetensors"), history, 5))
    assert found[0] == [(f"a{item:03}", score, "") for item, score, _ in found[1]]
