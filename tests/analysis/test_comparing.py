"""Comparing runs: folding seeds, Holm's correction, verdicts, and what cannot be compared."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.analysis import compare
from minirearec.analysis.comparing import SAME, Setting, differences, fold, holm, names, same_data
from minirearec.config import Config
from minirearec.data.features import Features
from minirearec.data.splits import last_n, make_split
from minirearec.errors import ConfigError, RunError
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.metrics import bootstrap_interval, per_user
from minirearec.runs.opening import load_scorer
from minirearec.training import Trainer
from tests.small import SMALL


@pytest.fixture(scope="module")
def runs(train):
    return [train(method="base", seed=seed) for seed in (0, 1)] + [train(method="erl", steps=1, seed=2)]


def test_seeds_are_folded_and_targets_paired(runs, data):
    found, split = compare(*runs, data=data, metric="NDCG@10"), make_split(data)
    own = []
    for run in runs:
        evaluation = evaluate(load_scorer(run), split)
        own.append(per_user(evaluation.excluded[evaluation.answer])["NDCG@10"])
    base, erl = found.settings
    assert (base.name, base.seeds, erl.name, erl.seeds) == ("base", [0, 1], "erl", [2])
    assert base.metrics["NDCG@10"] == pytest.approx((own[0].mean() + own[1].mean()) / 2)
    assert base.by_seed == pytest.approx([own[0].mean(), own[1].mean()])
    [one], change = found.differences, own[2] - (own[0] + own[1]) / 2
    assert one.difference.value == pytest.approx(change.mean())
    assert (one.difference.low, one.difference.high) == pytest.approx(bootstrap_interval(change))
    assert compare(*runs, data=data, metric="NDCG@10") == found
    assert [row["setting"] for row in found.records()] == ["base", "erl"]
    assert found.records()[0]["p"] is None and found.records()[1]["p"] == one.p


def test_validation_compares_what_it_chose_and_not_the_refit(runs, train, data):
    refit, split = train(method="base", seed=5, refit=True), make_split(data)
    first, second = compare(runs[2], refit, data=data, part="valid").settings
    for setting, run in ((first, runs[2]), (second, refit)):
        evaluation = evaluate(load_scorer(run, part="valid"), split, "valid")
        assert setting.metrics == pytest.approx(evaluation.metrics())


def from_first(settings, values, users):
    """Return the differences of all settings from the first."""
    changes = np.stack([own - values[0] for own in values[1:]], 1)
    return differences([(settings[0], one) for one in settings[1:]], changes, users)


def test_holm_by_hand():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1, 1]


def test_a_verdict_needs_a_clear_difference_after_correction():
    rng, users = np.random.default_rng(0), np.arange(400)
    start = rng.random(400)
    settings = [Setting(name, [], [0, 1], {}, []) for name in ("first", "same", "better", "worse")]
    values = [start, start + rng.normal(0, 0.2, 400), start + rng.normal(0.1, 0.2, 400), start - 0.1]
    same, better, worse = from_first(settings, values, users)
    assert same.verdict == SAME and not same.claimed
    assert better.verdict == "better is better than first" and better.claimed
    assert worse.verdict == "first is better than worse" and worse.difference.high < 0
    assert better.p == pytest.approx(2 / 2001) and better.holm == pytest.approx(6 / 2001)
    [alone] = from_first([settings[0], replace(settings[2], seeds=[0])], [values[0], values[2]], users)
    assert alone.verdict.endswith("in these runs: try more seeds")
    counts = replace(settings[0], seeds=[0], draws=False)
    [settled] = from_first([counts, settings[2]], [values[0], values[2]], users)
    assert settled.verdict == "better is better than first", "no seed changes what counts"


def test_a_difference_of_chance_is_rarely_claimed():
    """Of 400 pairs of equal models, about 5 % differ before correction, and hardly any after it."""
    rng = np.random.default_rng(1)
    settings = [Setting(str(number), [], [0, 1], {}, []) for number in range(401)]
    values = [np.zeros(150), *rng.normal(size=(400, 150))]
    found = from_first(settings, values, np.arange(150))
    assert 0.02 <= np.mean([one.p < 0.05 for one in found]) <= 0.08
    assert sum(one.claimed for one in found) == 0


def test_settings_are_named_by_what_differs():
    make = Config.make
    assert names([make(method="base"), make(method="erl"), make(method="prl")]) == ["base", "erl", "prl"]
    assert names([make(method="erl", steps=2), make(method="erl", steps=3, dropout=0.1), make(method="base")]) == [
        "erl, steps 2, dropout 0.3", "erl, steps 3, dropout 0.1", "base, steps 0, dropout 0.3"]


def test_what_cannot_be_compared_is_named(runs, data, tmp_path):
    with pytest.raises(ConfigError, match="nothing to compare: the runs differ only in their seed"):
        compare(*runs[:2], data=data)
    with pytest.raises(ConfigError, match=r"same settings and the same seed as .*run"):
        fold([*runs, runs[0]])
    other = replace(runs[2], data=replace(runs[2].data, name="films", sha256="f" * 64))
    with pytest.raises(RunError, match=r"trained on films with sha256 ffffffffffff\.\.\., but .* on beauty-sim with"):
        same_data([runs[0], other])
    refit = replace(runs[2], config=runs[2].config.replaced(refit=True))
    with pytest.raises(RunError, match="fitted on train and validation, but .* on train.*Compare refits with refits"):
        same_data([runs[0], refit])
    with pytest.raises(ConfigError, match="unknown metric 'HR@3'"):
        compare(*runs, data=data, metric="HR@3")


def test_very_many_differences_can_be_claimed_and_those_of_very_few_users_cannot():
    pairs = [(Setting("a", [], [0, 1], {}, []), Setting(f"b{n}", [], [0, 1], {}, [])) for n in range(60)]
    clear = np.random.default_rng(0).normal(1, 0.1, (100, 60))
    assert all(one.verdict.endswith("is better than a") for one in differences(pairs, clear, np.arange(100)))
    assert {one.verdict for one in differences(pairs, clear[:20], np.arange(20))} == {"too few users to say"}
    assert {one.verdict for one in differences(pairs, clear, np.arange(100) // 5)} == {"too few users to say"}


def test_other_features_or_first_weights_are_other_settings(data, tmp_path):
    values = np.random.default_rng(0).standard_normal((2, data.n_items, 3)).astype(np.float32)
    made = {}
    for name, kind, seed in (("a", 0, 0), ("b", 0, 1), ("c", 1, 0)):
        described = replace(data, features=Features(values[kind], "drawn"))
        config = Config.make(**{**SMALL, "items": "morec", "epochs": 1, "seed": seed})
        made[name] = Trainer(config, described, out=tmp_path / name).fit(progress=False).run
    groups = fold(list(made.values()))
    assert [len(group) for group in groups.values()] == [2, 1]
    assert all(", features " in name for name in groups)
    plain = Config.make(**{**SMALL, "epochs": 1})
    runs = [Trainer(plain.replaced(seed=seed), data, out=tmp_path / f"{seed}").run for seed in (0, 1)]
    first = Trainer(plain, data).learner.weights()
    started = Trainer(plain.replaced(seed=2), data, weights=first, out=tmp_path / "started").run
    groups = fold([*runs, started])
    assert [len(group) for group in groups.values()] == [2, 1]
    assert [", started from " in name for name in groups] == [False, True]


def test_the_targets_of_a_user_are_drawn_together(data, tmp_path):
    twice = last_n(data, 2).data
    runs = [Trainer(Config.make(method="counts", counts=name), twice, out=tmp_path / name).fit(progress=False).run
            for name in ("rules", "pctm")]
    found, split = compare(*runs, data=twice), make_split(twice)
    rules, pctm = (per_user(evaluate(load_scorer(run), split).excluded["counts"])["NDCG@20"] for run in runs)
    one = found.differences[0].difference
    assert (found.users, found.targets) == (200, 400)
    assert (one.low, one.high) == pytest.approx(bootstrap_interval(pctm - rules, users=split.test.user))
