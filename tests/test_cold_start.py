"""Items that training never saw: features give them scores, ids alone do not."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.data.features import Features
from minirearec.data.sequences import SequenceData, array_sha256
from minirearec.data.splits import make_split
from minirearec.data.splits.in_time import cut_times
from minirearec.evaluation.full_ranking import evaluate
from minirearec.training import Trainer
from tests.benchmarks.cold_start import CUTS, Fixed, OnlyUnseen, cold, folded, measure, parse, row, without_some
from tests.small import SMALL, finish

PLACES, WARM = 30, 5  # items of a place: those that training sees, and one more
NEW = WARM + 1
USERS, LENGTH = 600, 7


@pytest.fixture(scope="module")
def circle() -> SequenceData:
    """Users walk around a circle of places; the test target, and every second validation target, is a place's new item.

    The features of an item are those of its place, nearly: they decide which items come next.
    """
    rng = np.random.default_rng(0)
    places = (rng.integers(0, PLACES, (USERS, 1)) + np.arange(LENGTH)) % PLACES
    which = rng.integers(0, WARM, (USERS, LENGTH))
    which[:, -1] = WARM
    which[::2, -2] = WARM
    items, offsets = (places * NEW + which).ravel().astype(np.int32), np.arange(USERS + 1) * LENGTH
    vectors = np.repeat(rng.normal(size=(PLACES, 16)), NEW, axis=0)
    features = Features(vectors + 0.1 * rng.normal(size=vectors.shape), "made")
    return SequenceData("circle", items, offsets, np.arange(USERS), np.arange(PLACES * NEW),
                        array_sha256(items, offsets), True, "made", features=features)


@pytest.mark.parametrize("items, low, high", [("id", 0.0, 0.4), ("unisrec", 0.9, 1.0), ("morec", 0.9, 1.0)])
def test_features_recommend_items_that_training_never_saw_and_ids_do_not(items, low, high, circle):
    trainer = Trainer(Config.make(method="rpe", steps=1, items=items, epochs=30, **SMALL), circle)
    finish(trainer)
    found = trainer.evaluate("test").to_dict()["seen_in_training"]
    assert list(found) == ["0"] and found["0"]["targets"] == USERS
    assert low <= found["0"]["excluded"]["Recall@10"] <= high
    recommended, history = trainer.recommender(), [3 * NEW + 1, 4 * NEW + WARM]  # its newest item is such an item too
    best = recommended.recommend(history, k=10)[-1].items
    assert (5 * NEW + WARM in best) == (items != "id")


def test_every_model_can_recommend_any_item_after_any_history(circle):
    for method in ("base", "counts"):
        trainer = Trainer(Config.make(method=method, epochs=1, **SMALL), circle)
        finish(trainer)
        best = trainer.recommender().recommend([WARM], k=PLACES * NEW)[0]
        assert sorted(best.items) == [item for item in range(PLACES * NEW) if item != WARM]


def timed(users=200, items=50, length=8) -> SequenceData:
    """Return histories with a time for each interaction."""
    rng = np.random.default_rng(0)
    times = np.sort(rng.permutation(users * length).astype(float).reshape(users, length), axis=1).ravel()
    own, offsets = rng.integers(0, items, users * length).astype(np.int32), np.arange(users + 1) * length
    return SequenceData("timed", own, offsets, np.arange(users), np.arange(items), "0" * 64, True, "made",
                        timestamps=times)


def test_held_out_items_train_nothing_and_remain_as_targets():
    data = timed()
    first, second = cut_times(data.timestamps, CUTS, "quantile")
    split = make_split(without_some(data, 0.2, seed=1))
    seen = np.isin(np.arange(50), split.data.item_ids[split.train_items])
    assert (~seen).sum() == 10 and seen[data.items[data.timestamps <= first]].mean() == pytest.approx(0.8, abs=0.05)
    lost = seen[data.items[data.timestamps <= first]].sum() - len(split.train_items)
    assert 0 <= lost < 5, "of other items, only those of users with a single one"
    assert len(split.test) == (data.timestamps > second).sum() - (split.test.length == 0).sum()
    targets = split.data.item_ids[split.target("test")]
    assert 0 < (~seen[targets]).mean() < 0.5 and set(targets[~seen[targets]]) == set(np.flatnonzero(~seen))
    assert without_some(data, 0.2, seed=2).sha256 != split.data.sha256


def test_popularity_and_a_random_order_get_what_arithmetic_says():
    split = make_split(without_some(timed(), 0.2, seed=1))
    popularity = np.bincount(split.train_items, minlength=50)
    random, popular = (measure(split, Fixed(name, values)) for name, values in
                       (("random", np.zeros(50)), ("popularity", popularity.astype(float))))
    found = evaluate(Fixed("random", np.zeros(50)), split)
    tied = found.excluded["random"].tied[found.times_seen == 0]  # as many candidates as the target has beside it
    assert random["Recall@10"] == pytest.approx(10 / (tied + 1)) and not popular["Recall@10"].any()
    assert (popular["alone"] == random["alone"]).all() and random["alone"].mean() > 0.9, "at most ten candidates"
    users = split.test.user[found.times_seen == 0]
    line = row("both", folded([random, popular]), {"random": random, "popularity": popular}, users)
    assert line.startswith("| both | ") and f" | {random['Recall@10'].mean() / 2:.4f} | " in line
    assert line.endswith(" +0.0000 (+0.0000 .. +0.0000) |")


def test_unseen_items_alone_are_ranked_among_themselves():
    split = make_split(without_some(timed(), 0.2, seed=1))
    seen = np.bincount(split.train_items, minlength=50) > 0
    scores = np.arange(50.0)
    alone = cold(evaluate(OnlyUnseen(Fixed("order", scores), seen), split, only_answer=True))
    own = np.flatnonzero(~seen)
    targets = split.target("test")[~seen[split.target("test")]]
    above = np.array([(own > target).sum() for target in targets])
    assert (alone["Recall@5"] >= (above < 5)).all(), "seen items of the history may leave more room"


def test_a_text_names_the_method_and_its_settings():
    assert parse("erl kl_weight=0.1 items=unisrec with_ids=true layers=1") == {
        "method": "erl", "kl_weight": 0.1, "items": "unisrec", "with_ids": True, "layers": 1}
