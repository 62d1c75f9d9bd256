"""The model in the page computes what NumPy does: states, scores and lists of every step."""

import numpy as np
import pytest

from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, REASONERS
from minirearec.recommender import Recommender
from minirearec.reference.objectives.gate import gate_logits
from minirearec.reference.ops import softmax
from minirearec.weights import nest

HISTORIES = 100
KINDS = [*({"method": name, "backbone": "sasrec"} for name in METHODS),
         *({"method": name, "backbone": backbone} for name in ("erl", "prl", "gate") for backbone in BACKBONES),
         *({"method": "rpe", "reasoner": name} for name in REASONERS),
         *({"method": method, "reasoner": "lares", "backbone": backbone} for method in ("erl", "gate")
           for backbone in BACKBONES)]
ASK = """histories => histories.map(history => {
    const found = explain(report.models[0], history, {k: 10, target: 3});
    return {states: (found.states ?? []).map(state => [...state]), attention: found.attention?.flat(2).map(one =>
            one.reduce((a, b) => a + b)), rows: found.rows.map(row =>
            ({name: row.name, step: row.step, top: row.top, scores: row.top.map(item => row.scores[item]),
              shares: row.shares, rank: row.rank, entropy: row.entropy, kl: row.kl}))};
})"""


def some_histories():
    """Return histories of all lengths from 1 to 12, more than the model reads; some repeat an item."""
    rng = np.random.default_rng(1)
    return [rng.integers(0, 80, 1 + number % 12).tolist() for number in range(HISTORIES)]


def check(run, page):
    """Compare the page's first model with NumPy's for a hundred histories."""
    model = Recommender.load(run.path, backend="numpy")
    ids = model.items.ids
    for history, found in zip(some_histories(), page.evaluate(ASK, some_histories()), strict=True):
        expected = model.recommend(ids[history].tolist(), 80)
        if found["states"]:
            states = model.scorer.states_of_one(np.array(history[-model.scorer.max_length:], dtype=np.int32))[0]
            np.testing.assert_allclose(found["states"], states, atol=1e-4)
            np.testing.assert_allclose(found["attention"], 1.0)
        assert [row["name"] for row in found["rows"]] == [row.row for row in expected]
        for ours, theirs in zip(found["rows"], expected, strict=True):
            scores = dict(zip(theirs.items, theirs.scores, strict=True))
            assert ours["step"] == theirs.step and len(ours["top"]) == 10 and not set(ours["top"]) & set(history)
            np.testing.assert_allclose(ours["scores"], theirs.scores[:10], atol=1e-3)
            # The same items in the same places, unless two scores differ by rounding only.
            np.testing.assert_allclose([scores[ids[item]] for item in ours["top"]], theirs.scores[:10], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.values()))
def test_states_and_lists_are_those_of_numpy_for_every_method_backbone_and_reasoner(kind, train, page_of, visit):
    run = train(**kind)
    check(run, visit(page_of(run, users=None)))


@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("positions", ["recency", "relative"])
def test_other_positions_too(positions, backbone, train, page_of, visit):
    """Trained fast, so that the biases of distances differ."""
    run = train(method="prl", backbone=backbone, positions=positions, learning_rate=0.1)
    check(run, visit(page_of(run, users=None)))


@pytest.mark.parametrize("backbone", ["sasrec", "bert4rec"])
@pytest.mark.parametrize("reasoner", ["lares", "paths"])
def test_distances_in_the_steps_of_all_items_and_of_streams(reasoner, backbone, train, page_of, visit):
    run = train(method="rpe", reasoner=reasoner, backbone=backbone, positions="relative", learning_rate=0.1)
    check(run, visit(page_of(run, users=None)))


@pytest.mark.parametrize("method", ["erl", "prl"])
def test_the_cosine_too(method, train, page_of, visit):
    run = train(method=method, scores="cosine")
    check(run, visit(page_of(run, users=None)))


def test_softmax_entropy_divergence_and_rank(train, page_of, visit):
    """Against the definitions, from NumPy's scores of the whole catalogue."""
    run = train(method="prl", backbone="sasrec")
    page, model = visit(page_of(run)), Recommender.load(run.path, backend="numpy")
    history, tau, alpha = [5, 9, 9, 40], 0.8, 1.5
    ask = "([history, options]) => explain(report.models[0], history, options).rows"
    rows = page.evaluate(ask, [history, {"k": 5, "target": 3, "temperature": tau, "alpha": alpha}])
    states, before = model.scorer.states_of_one(np.array(history, dtype=np.int32)), None
    for k, row in enumerate(rows):
        scores = model.scorer.scores(states, model.scorer.rows[k])[0].astype(np.float64)
        z = scores / (tau * alpha ** (3 - k))
        p, even = softmax(z), softmax(scores / tau)
        assert row["shares"] == pytest.approx(p[row["top"]], rel=1e-3)
        assert row["entropy"] == pytest.approx(-(p * np.log(p)).sum(), rel=1e-3)
        if before is not None:
            assert row["kl"] == pytest.approx((before * np.log(before / even)).sum(), rel=1e-2, abs=1e-5)
        others = np.delete(scores, [*set(history), 3])
        assert row["rank"] == 1 + (others > scores[3]).sum()
        before = even


@pytest.mark.parametrize("scores", ["dot", "cosine"])
def test_a_gate_mixes_the_distributions_that_the_reader_sees(scores, train, page_of, visit):
    """As trained it answers as NumPy does; a reader's temperatures reach the mixture through those of the steps."""
    run = train(method="gate", temperature=0.5, learning_rate=0.1, scores=scores)
    page, model = visit(page_of(run, users=None)), Recommender.load(run.path, backend="numpy")
    check(run, page)
    history, gate = [5, 9, 9, 40], nest(model.scorer.engine.weights())["gate"]
    states = model.scorer.states_of_one(np.array(history, dtype=np.int32))
    weights = softmax(gate_logits(states[0].astype(np.float64), **gate))
    assert np.ptp(weights) > 0.05, "a gate that weighs the steps alike would hide mistakes"
    ask = "([history, options]) => explain(report.models[0], history, options).rows"
    for tau, alpha in ((0.5, 1.0), (0.2, 1.5)):
        logits = [model.scorer.scores(states, row)[0].astype(np.float64) / (tau * alpha ** (3 - row.step))
                  for row in model.scorer.rows[:-1]]
        mixed = weights @ softmax(np.stack(logits))
        *steps, last = page.evaluate(ask, [history, {"target": 3, "temperature": tau, "alpha": alpha}])
        assert [row["weight"] for row in steps] == pytest.approx(weights, rel=1e-4)
        best = np.argsort(-np.where(np.isin(np.arange(80), history), -1, mixed), kind="stable")[:10]
        assert last["name"] == "gate over steps" and last["top"] == best.tolist()
        assert last["shares"] == pytest.approx(mixed[best], rel=1e-3)
        assert last["entropy"] == pytest.approx(-(mixed * np.log(mixed)).sum(), rel=1e-3)


def test_ties_count_half_and_a_target_in_the_history_is_a_candidate(train, page_of, visit):
    page = visit(page_of(train(method="base"), users=None))
    ranks = page.evaluate("[rankOf([2, 2, 2, 3], 0, new Set()), rankOf([2, 2, 2, 3], 0, new Set([0, 3]))]")
    assert ranks == [3, 2]


def test_stopping(train, page_of, visit):
    page = visit(page_of(train(method="base"), users=None))
    rows = [{"step": 0, "kl": None}, {"step": 1, "kl": 0.5}, {"step": 2, "kl": 0.1}, {"step": 3, "kl": 0.01},
            {"step": None, "kl": None}]
    stops = page.evaluate("rows => [1, 0.2, 0.05, 0.001].map(most => haltAt(rows, most))", rows)
    assert stops == [1, 2, 3, 3]


def test_half_precision_is_read_exactly(train, page_of, visit):
    from minirearec.export.in_page import packed

    values = np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, 0.333, -1e-3], np.float32)
    page = visit(page_of(train(method="base"), users=None))
    for half in (False, True):
        expected = values.astype(np.float16 if half else np.float32).tolist()
        assert page.evaluate("array => [...decode(array)]", packed(values, half)) == expected


def test_the_first_of_several_streams_shows_its_cache(train, page_of, visit):
    page = visit(page_of(train(method="rpe", reasoner="paths", paths=2)), "#step=2&history=3 4 9")
    assert page.locator("#panel-cache tbody tr").count() == 5
    assert "2 streams has a cache" in page.inner_text("#panel-cache")
    assert "Means over the 2 streams" in page.inner_text("#panel-attention")
