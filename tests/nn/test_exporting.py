"""onnxruntime returns the scores that PyTorch computes, for any number of histories of any length."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.engine import make_engine
from minirearec.nn.engine import TorchEngine
from minirearec.weights import draw, starts_of

onnx = pytest.importorskip("onnx", reason="needs the extra: pip install 'minirearec[onnx]'")
ort = pytest.importorskip("onnxruntime", reason="needs the extra: pip install 'minirearec[onnx]'")
pytest.importorskip("onnxscript", reason="needs the extra: pip install 'minirearec[onnx]'")

V = 30
MODELS = {  # weights near 0 show the 1e-12 of LayerNorm: a larger constant would flatten their states
    "base": {"layers": 2, "initial_std": 1e-4},
    "naive": {"steps": 1, "initial_std": 0.3, "positions": "recency"},
    "erl": {"steps": 2, "initial_std": 0.3},
    "prl": {"steps": 1, "initial_std": 1e-4, "max_length": 1},
    "rpe": {"steps": 2, "initial_std": 0.3, "layers": 2, "backbone": "bert4rec", "items": "unisrec", "with_ids": True,
            "scores": "cosine", "positions": "relative"},
    "rpe, separate": {"steps": 2, "initial_std": 0.3, "reasoner": "separate"},
    "rpe, adapter": {"steps": 2, "initial_std": 0.3, "reasoner": "adapter"},
    "prl, gru": {"steps": 2, "initial_std": 0.3, "reasoner": "gru", "backbone": "bert4rec"},
    "erl, items": {"steps": 2, "initial_std": 0.3, "reasoner": "items", "guesses": 3},
    "prl, paths": {"steps": 2, "initial_std": 0.3, "reasoner": "paths", "paths": 4},
    "naive, lares": {"steps": 2, "initial_std": 0.3, "reasoner": "lares", "backbone": "bert4rec"},
}


@pytest.fixture(scope="module", params=MODELS)
def model(request) -> tuple[TorchEngine, bytes]:
    """Return an engine with the initial weights, and its exported file."""
    from minirearec.nn.exporting import to_onnx

    small = {"width": 8, "inner_width": 12, "layers": 1, "max_length": 6}
    features = np.random.default_rng(2).standard_normal((V, 5)).astype(np.float32)
    config = Config.make(method=request.param.partition(",")[0], feature_width=5, **{**small, **MODELS[request.param]})
    weights = draw(starts_of(config, V), config.model.initial_std, seed=1)
    if config.model.positions == "relative":  # they start at 0
        weights["distance_bias"] += np.arange(weights["distance_bias"].size).reshape(weights["distance_bias"].shape) % 5
    engine = make_engine(config, V, weights, "torch", "cpu", features=features)
    assert isinstance(engine, TorchEngine)
    return engine, to_onnx(engine, {"note": "kept"})


def test_scores_are_those_of_pytorch(model):
    engine, content = model
    longest = engine.config.model.max_length
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for B, T in ((1, 1), (1, longest), (5, longest), (3, max(1, longest - 2)), (300, longest)):
        items, lengths = rng.integers(0, V, (B, T)), rng.integers(1, T + 1, B)
        scores, step_scores = session.run(["scores", "step_scores"], {"items": items, "lengths": lengths})
        states = engine.states(items, lengths)
        pairs = [(scores, engine.answer(states)), *((step_scores[:, k], states[:, k]) for k in range(states.shape[1]))]
        for found, state in pairs:
            expected = engine.scores(state)
            assert found.shape == expected.shape and expected.std() > 0
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_the_file_names_its_inputs_and_nothing_of_this_machine(model):
    engine, content = model
    read = onnx.load_from_string(content)
    onnx.checker.check_model(read, full_check=True)
    axes = {value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
            for value in (*read.graph.input, *read.graph.output)}
    length = "length" if engine.config.model.max_length > 1 else 1
    assert axes == {"items": ["batch", length], "lengths": ["batch"], "scores": ["batch", V],
                    "step_scores": ["batch", engine.config.model.steps + 1, V]}
    assert {note.key: note.value for note in read.metadata_props} == {"note": "kept"}
    assert b"/minirearec/" not in content and b"torch.export" not in content
