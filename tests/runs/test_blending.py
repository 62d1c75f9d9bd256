"""Opening a blend: runs and counts on the same data, fitted on the same, with weights from models before a refit."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.config import TRAIN, TRAIN_AND_VALIDATION, Config
from minirearec.counts.scorer import CountScorer
from minirearec.data import beauty_sim
from minirearec.data.splits import make_split, with_validation
from minirearec.errors import ConfigError, RunError
from minirearec.evaluation.blend import Blend
from minirearec.evaluation.full_ranking import evaluate
from minirearec.runs.blending import THIS, open_blend, sums_of
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_scorer
from minirearec.training import Trainer
from tests.small import SMALL, finish


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    """Return a function that trains a run with these settings, once."""
    made = {}

    def train(name, data=data, **settings) -> Run:
        if name not in made:
            path = tmp_path_factory.mktemp("runs") / name
            finish(Trainer(Config.make(**{"epochs": 2, **SMALL, **settings}), data, out=path))
            made[name] = Run.open(path)
        return made[name]

    return train


@pytest.fixture(scope="module")
def split(data):
    return make_split(data)


def test_a_blend_of_runs_and_counts(run, split):
    ours, theirs = run("ours"), run("theirs", method="base", seed=1)
    blend = open_blend(ours, [theirs.path, "counts:pctm", "counts"], split)
    assert list(blend.parts) == [THIS, "theirs", "counts:pctm", "counts"]
    settings = {name: Config.make(counts=name).counting for name in ("pctm", "item-to-item")}
    expected = Blend.fit({THIS: load_scorer(ours), "theirs": load_scorer(theirs),
                          "counts:pctm": CountScorer.fit(split, settings["pctm"]),
                          "counts": CountScorer.fit(split, settings["item-to-item"])}, split)
    assert np.array_equal(blend.weights, expected.weights)
    assert evaluate(blend, split).to_dict() == evaluate(expected, split).to_dict()


def test_seeds_of_one_model_are_an_ensemble(run, split):
    runs = [run(f"seed{seed}", method="base", seed=seed, epochs=4) for seed in range(3)]
    one = open_blend(runs[0], [runs[1].path, runs[2].path], split, "valid")
    other = open_blend(runs[2], [runs[0].path, runs[1].path], split, "valid")
    assert list(evaluate(one, split, "valid").excluded) == ["step 0", "seed1", "seed2", "blend"]
    assert np.roll(one.weights, 1) == pytest.approx(other.weights, rel=1e-4), "the order does not matter"


def test_after_a_refit_weights_come_from_the_models_before_it(run, split):
    ours = run("refit", refit=True)
    blend = open_blend(ours, ["counts:pctm"], split)
    pctm, refit = Config.make(counts="pctm").counting, with_validation(split)
    before = Blend.fit({THIS: load_scorer(ours, part="valid"), "counts:pctm": CountScorer.fit(split, pctm)}, split)
    assert np.array_equal(blend.weights, before.weights)
    final = Blend({THIS: load_scorer(ours), "counts:pctm": CountScorer.fit(refit, pctm)}, before.weights)
    assert evaluate(blend, refit).to_dict() == evaluate(final, refit).to_dict() != evaluate(before, refit).to_dict()


def test_settings_of_counts_are_those_of_the_data(run, split):
    tuned = replace(split, data=replace(split.data, training={"pctm": {"tau": 7.0}}))
    blend = open_blend(run("ours"), ["counts:pctm"], tuned)
    expected = CountScorer.fit(split, Config.make(counts="pctm", tau=7.0).counting)
    assert np.array_equal(blend.parts["counts:pctm"].strengths, expected.strengths)


def test_counts_come_first_and_other_parts_have_names_of_rows(run, split):
    counts, ours = run("count", method="counts"), run("step 0", method="base")
    blend = open_blend(counts, [ours.path, "counts:pctm"], split)
    assert list(evaluate(blend, split).excluded) == ["counts", "step 0", "counts:pctm", "blend"]
    swapped = open_blend(ours, [run("blend", method="base", seed=2).path, run("null oracle").path], split)
    assert [row.name for row in swapped.rows] == ["step 0", "blend (blended)", "null oracle (blended)", "blend"]
    assert len(evaluate(swapped, split).excluded) == 4


def test_runs_that_a_study_blends_with_have_finished(data, tmp_path):
    trainer = Trainer(Config.make(method="base", epochs=1, **SMALL), data, out=tmp_path / "ours")
    finish(trainer)
    with pytest.raises(RunError, match="ours: the run has not finished. Resume it: minirearec train --resume"):
        sums_of([tmp_path / "ours"], data, TRAIN)
    results = trainer.run.write_results(trainer.results(trainer.evaluate("test")))
    assert sums_of([tmp_path / "ours", "counts"], data, TRAIN) == {str(tmp_path / "ours"): results["sha256"]}
    with pytest.raises(ConfigError, match="each row was fitted on train and validation, .*ours on train"):
        sums_of([tmp_path / "ours"], data, TRAIN_AND_VALIDATION)


def test_parts_that_do_not_belong_together_are_refused(run, split):
    ours, refit = run("ours"), run("refit", refit=True)
    for first, other in ((ours, refit), (refit, ours)):
        with pytest.raises(ConfigError, match="--blend: .* was fitted on train.*, .* on train.*fitted on the same"):
            open_blend(first, [other.path], split)
    elsewhere = run("elsewhere", beauty_sim(users=50, items=40, interactions=400))
    with pytest.raises(RunError, match="trained on beauty-sim with sha256 .* Blend runs on the same data"):
        open_blend(ours, [elsewhere.path], split)
    with pytest.raises(ConfigError, match="unknown count model 'magic'. Choose one of: item-to-item, rules, pctm"):
        open_blend(ours, ["counts:magic"], split)
    with pytest.raises(ConfigError, match="counts:pctm is given twice"):
        open_blend(ours, ["counts:pctm", "counts:pctm"], split)
    for twice in ([f"{ours.path}/../{ours.path.name}"], [run("theirs").path, f"{run('theirs').path}/"],
                  ["counts", "counts:item-to-item"]):
        with pytest.raises(ConfigError, match="is given twice"):
            open_blend(ours, twice, split)
    with pytest.raises(RunError, match="no such run directory"):
        open_blend(ours, ["nowhere"], split)
