"""Cosines, divergences and attention against slow, obvious computations."""

import numpy as np
import pytest

from minirearec.analysis import thinking
from minirearec.analysis.thinking import NEWEST, attended, cosines, divergences, think
from minirearec.data.splits import make_split
from minirearec.evaluation.signals import Observed
from minirearec.runs.opening import load_scorer


def test_cosines_and_divergences_pair_by_pair():
    rng = np.random.default_rng(0)
    states, scores = rng.normal(size=(4, 3, 5)), rng.normal(size=(3, 4, 7)).astype(np.float32) * 4
    found, (kl, entropy) = cosines(states), divergences(scores)
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    for i in range(3):
        assert entropy[i] == pytest.approx(-(shares[i] * np.log(shares[i])).sum(), rel=1e-5)
        for j in range(3):
            pairs = [states[b, i] @ states[b, j] / np.linalg.norm(states[b, i]) / np.linalg.norm(states[b, j])
                     for b in range(4)]
            assert found[i, j] == pytest.approx(sum(pairs))
            assert kl[i, j] == pytest.approx((shares[i] * np.log(shares[i] / shares[j])).sum(), abs=1e-5)


def test_attention_is_counted_from_the_newest_item():
    lengths, k = np.array([2, 13]), 2
    weights = np.zeros((2, 1, 13 + k))
    weights[0, 0, :2], weights[0, 0, -k:] = [0.1, 0.2], [0.3, 0.4]
    weights[1, 0] = np.arange(15)
    found = attended(weights, lengths, 13)[0]
    assert found[:2] == pytest.approx([0.2 + 12, 0.1 + 11])
    assert found[2:NEWEST].tolist() == [10, 9, 8, 7, 6, 5, 4, 3]
    assert found[NEWEST:] == pytest.approx([0 + 1 + 2, 0.3 + 13, 0.4 + 14])


@pytest.mark.parametrize("backbone, reasoner", [("sasrec", "shared"), ("bert4rec", "shared"), ("sasrec", "lares"),
                                                ("bert4rec", "paths")])
def test_both_backends_look_at_the_same(backbone, reasoner, train, data, monkeypatch):
    """The last item of a history looks at items and, unless all items take the steps, at its own steps."""
    monkeypatch.setattr(thinking, "SAMPLE", 60)
    run, split = train(method="prl", steps=2, backbone=backbone, reasoner=reasoner), make_split(data)
    torch, numpy = (think(load_scorer(run, backend=name).engine, run.config, split, "test")
                    for name in ("torch", "numpy"))
    assert torch.targets == 60
    for name in ("cosine", "kl", "entropy"):
        assert np.allclose(getattr(torch, name), getattr(numpy, name), atol=1e-4), name
    for k, (mine, other) in enumerate(zip(torch.attention, numpy.attention, strict=True), 1):
        for head, twin in zip(mine[0], other[0], strict=True):
            parts = [*head.items, head.older, *head.steps]
            assert len(head.steps) == (0 if reasoner == "lares" else k) and sum(parts) == pytest.approx(1, abs=1e-5)
            assert parts == pytest.approx([*twin.items, twin.older, *twin.steps], abs=1e-4)
    kl = np.array(torch.kl)
    assert torch.mean_kl == pytest.approx(kl[~np.eye(3, dtype=bool)].mean())


def test_distributions_have_the_temperature_of_the_run(train, data):
    run, split = train(method="rpe", steps=1, temperature=0.5), make_split(data)
    scorer = load_scorer(run, backend="numpy")
    expected = Observed(scorer, split, "test").signals[:, :, 0].mean(0)
    assert think(scorer.engine, run.config, split, "test").entropy == pytest.approx(expected, abs=1e-5)
