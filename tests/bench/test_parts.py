"""The parts of a benchmark on small data: what they call, and how a sample becomes the whole."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec.bench import parts
from minirearec.bench.parts import case, evaluation, opening, sampled, score_everyone, serving, training
from minirearec.bench.timing import Times
from minirearec.config import Config
from minirearec.data import load
from minirearec.data.splits import make_split
from minirearec.errors import DataError
from minirearec.runs.directory import Run
from tests.small import SMALL


class One:
    """A roofline of one operation a second."""

    backend, device = "numpy", "cpu"

    def rate(self, product):
        return 1.0

    def seconds(self, products):
        return sum(product.flops for product in products)


@pytest.fixture
def fixed(monkeypatch):
    """Every call takes a second, every operation too."""
    calls = []

    def in_turns(ways, repeats, warm=1):
        calls.append((list(ways), repeats))
        for way in ways.values():
            way()
        return {name: [1.0] * repeats for name in ways}

    monkeypatch.setattr(parts, "in_turns", in_turns)
    monkeypatch.setattr(parts.Job, "roofline", lambda job: One())
    return calls


def cases(lines) -> dict:
    return {line["case"]: line for line in lines if "case" in line}


def test_the_share_is_the_roofline_over_the_median():
    from minirearec.bench.work import Product

    found = case("x", Times(48.0, 1.0, 90.0, 3), One(), [Product(1, 2, 3), Product(1, 1, 6)], "note")
    assert found["roofline_seconds"] == found["flops"] == 24 and found["share"] == 0.5
    assert found["seconds"] == {"median": 48.0, "low": 1.0, "high": 90.0, "repeats": 3}
    assert "share" not in case("x", Times(1.0, 1.0, 1.0, 1))


def test_some_batches_stand_for_an_epoch_and_all_with_full_epoch(job, fixed):
    some, everything = (cases(training(replace(job, full_epoch=full))) for full in (False, True))
    count = len(fixed[1][0])
    assert len(fixed[0][0]) == parts.QUICK_BATCHES < count
    assert everything["training epoch"]["note"] == ""
    assert everything["training epoch"]["seconds"]["median"] == pytest.approx(count)  # a second a batch
    assert some["training epoch"]["note"] == f"epoch from 3 of {count} batches"
    assert some["training epoch"]["seconds"]["median"] == pytest.approx(count, rel=0.2)
    assert some["training epoch"]["flops"] == pytest.approx(everything["training epoch"]["flops"], rel=0.2)
    assert everything["training step"]["flops"] * count == pytest.approx(everything["training epoch"]["flops"])


def test_a_backbone_that_is_not_causal_trains_on_single_prefixes(job, fixed):
    whole = cases(training(replace(job, full_epoch=True)))["training epoch"]
    other = replace(job, config=job.config.replaced(backbone="bert4rec"), full_epoch=True)
    assert cases(training(other))["training epoch"]["flops"] > whole["flops"]


def test_evaluation_measures_the_same_work_from_a_sample(job, fixed):
    quick, whole = (cases(evaluation(replace(job, quick=quick))) for quick in (True, False))
    assert list(quick) == list(whole) == ["validation", "test, all steps", "test, null oracle",
                                          "test set in batches, K = 0", "test set in batches, K = 2",
                                          "test set padded, K = 0", "test set padded, K = 2"]
    for name, one in quick.items():
        assert ("flops" in one) == ("padded" not in name)
        assert one.get("flops", 0) == pytest.approx(whole[name].get("flops", 0), rel=0.2)
        assert one["seconds"]["median"] == 8 and whole[name]["seconds"]["median"] == 1
        assert one["note"] == "from one of 8 users"
    assert whole["test, all steps"]["flops"] > whole["test set in batches, K = 2"]["flops"]
    assert whole["test, null oracle"]["flops"] == pytest.approx(3 * whole["test set in batches, K = 0"]["flops"])


def test_a_sample_has_every_eighth_row(job):
    split = make_split(job.data)
    few, scale, _ = sampled(split)
    assert scale == 200 / 25
    assert (few.test.user == np.arange(0, 200, 8)).all()
    assert (few.target("valid") == split.target("valid")[::8]).all()


def test_the_scores_of_everyone_are_those_of_the_evaluation(job):
    split, scored = make_split(job.data), []

    class Spy(type(job.scorer())):
        def states(self, items, lengths):
            scored.append(len(items))
            return super().states(items, lengths)

    scorer = job.scorer()
    scorer.__class__ = Spy
    score_everyone(scorer, split)
    assert sum(scored) == split.n_rows("test")


def test_one_user_without_and_with_steps(job, fixed):
    found = cases(serving(job))
    assert list(found) == ["one user, K = 0", "one user, K = 2", "one user, every step"]
    flops = [one["flops"] for one in found.values()]
    assert flops == sorted(flops) and len(set(flops)) == 3


def test_a_model_without_steps_is_not_compared_with_itself(job, fixed):
    plain = replace(job, config=Config.make(method="base", **SMALL))
    assert list(cases(serving(plain))) == ["one user, K = 0"]
    assert list(cases(evaluation(plain))) == ["validation", "test, all steps", "test set in batches, K = 0",
                                                "test set padded, K = 0"]


def test_opening_a_run(job, tmp_path):
    from minirearec.bench.session import Request, make_run

    run = make_run(tmp_path / "run", Request(job.config, job.data, "numpy"))
    assert Run.open(run).config == job.config
    lines = list(opening(replace(job, run=str(run))))
    assert lines[0]["case"] == "opening a run" and lines[0]["seconds"]["median"] > 0
    assert lines[1]["memory"] == "opening and recommending"


def test_the_other_backend_measures_the_same_cases(job):
    torch = replace(job, backend="torch", device="cpu")
    for part in (training, evaluation):
        assert cases(part(torch)).keys() == cases(part(job)).keys()


def test_data_without_training_positions_are_refused(job, tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("1 1 2 3\n2 2 3 1\n")
    with pytest.raises(DataError, match="no user has two items that train"):
        list(training(replace(job, data=load(path))))


@pytest.mark.parametrize("settings, counted", [
    ({}, True), ({"loss": "sampled", "negatives": 5}, False), ({"same_target_weight": 0.1}, False),
    ({"loss": "gbce", "contrast": "seen", "negatives": 5}, False)])
def test_a_step_has_a_share_where_its_work_is_counted(settings, counted, job, fixed):
    other = replace(job, config=Config.make(method="erl", **settings, **SMALL))
    assert ("share" in cases(training(other))["training step"]) == counted


def test_training_contrasts_the_items_that_it_has_seen(job, fixed, monkeypatch):
    """Half of the items occur in training: a full loss that contrasts these alone has less work."""
    half = np.arange(job.data.n_items) < job.data.n_items // 2
    monkeypatch.setattr(parts, "make_split", lambda data: replace(
        make_split(data), train_items=make_split(data).train_items % half.sum()))
    seen, every = (cases(training(replace(job, config=Config.make(method="erl", contrast=contrast, **SMALL))))
                   for contrast in ("seen", "all"))
    assert seen["training step"]["flops"] < every["training step"]["flops"]
