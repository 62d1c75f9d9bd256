"""Metrics by name agree with slow definitions that read the ranked list of every user."""

from math import log2

import numpy as np
import pytest

from minirearec.data import beauty_sim, leave_one_out
from minirearec.errors import ConfigError
from minirearec.evaluation.asked import OF_LISTS, SAME, read_metrics
from minirearec.evaluation.full_ranking import ORACLE, evaluate
from minirearec.evaluation.metrics import METRICS, OTHERS
from tests.evaluation.test_full_ranking import Peek

KINDS = ("Recall", "NDCG", "MRR", "HitRate", "MAP", "Coverage", "Novelty", "Popularity", "PopularityBias")
SPLIT = leave_one_out(beauty_sim(users=300, items=60, interactions=1800))


class Distinct(Peek):
    """A scorer without ties: whole numbers, and a hundredth for each place in the catalogue."""

    def scores(self, states, row, out=None):
        return super().scores(states, row) + np.arange(60) / 100


def names(words) -> list[str]:
    return [one.name for one in read_metrics(words)]


def test_names_are_read_in_any_case_with_and_without_a_cut_off():
    assert names("map@7, NDCG@50") == names(["MAP@7", "ndcg@50"]) == ["MAP@7", "NDCG@50"]
    assert names("coverage") == ["Coverage@5", "Coverage@10", "Coverage@20"]
    assert names("mrr@5,MRR,mrr@10") == ["MRR@5", "MRR@10", "MRR@20"], "each once"
    assert names(()) == []


@pytest.mark.parametrize("word", ["", "NDGC@10", "ndcg10", "@10", "ndcg@10,", "ndcg;map"])
def test_unknown_names_are_refused(word):
    with pytest.raises(ConfigError, match="unknown metric .*HitRate.*as in NDCG@10"):
        read_metrics(word)


@pytest.mark.parametrize("k", ["", "0", "-1", "1.5", "10001", "9" * 5000, "\u0663", "+5", "1_0"])
def test_cut_offs_that_are_none_are_refused(k):
    with pytest.raises(ConfigError, match="is not a number from 1 to 10,000"):
        read_metrics(f"ndcg@{k}")


def slowly(seen: str, row: int, k: int) -> dict[str, float]:
    """Return every metric at k by its definition in words, from the ranked lists of all users."""
    scorer, relevant, lists = Distinct(60), [], []
    counts = [sum(item == other for other in SPLIT.train_items.tolist()) for item in range(60)]
    targets = SPLIT.target("test").tolist()
    for user, target in enumerate(targets):
        history = SPLIT.history(user, "test").tolist()
        scores = scorer.scores(np.array([history[-1]]), scorer.rows[row])[0].tolist()
        ranked = sorted(range(60), key=lambda item, scores=scores: -scores[item])
        if seen == "excluded":
            lists.append([item for item in ranked if item not in history][:k])
            ranked = [item for item in ranked if item not in history or item == target]
        else:
            lists.append(ranked[:k])
        relevant.append([item == target for item in ranked[:k]])
    listed = [item for items in lists for item in items]

    def mean(gain):  # of the list of a user: which places are relevant
        return sum(map(gain, relevant)) / len(relevant)

    def average_precision(hits):  # over the relevant items: there is one
        return sum(sum(hits[:place]) / place for place, hit in enumerate(hits, 1) if hit)

    popularity = sum(counts[item] for item in listed) / len(listed)
    return {"Recall": mean(lambda hits: sum(hits) / 1), "HitRate": mean(lambda hits: 1.0 if any(hits) else 0.0),
            "NDCG": mean(lambda hits: sum(hit / log2(place + 1) for place, hit in enumerate(hits, 1))),
            "MRR": mean(lambda hits: 1 / (hits.index(True) + 1) if any(hits) else 0.0), "MAP": mean(average_precision),
            "Coverage": len(set(listed)) / 60, "Popularity": popularity,
            "PopularityBias": popularity / (sum(counts[target] for target in targets) / len(targets)),
            "Novelty": -sum(log2((counts[item] + 1) / (sum(counts) + 60)) for item in listed) / len(listed)}


@pytest.mark.parametrize("seen", ["excluded", "kept"])
def test_every_metric_is_that_of_its_definition(seen):
    assert set(KINDS) >= {*METRICS, *OF_LISTS}
    found = evaluate(Distinct(60), SPLIT, metrics=[f"{kind}@{k}" for kind in KINDS for k in (1, 7, 50)])
    usual = evaluate(Distinct(60), SPLIT)
    for row in (0, 1):
        metrics = found.metrics(f"step {row}", seen)
        assert {name: metrics[name] for name in usual.metrics()} == usual.metrics(f"step {row}", seen)
        for k in (1, 7, 50):
            for kind, value in slowly(seen, row, k).items():
                assert metrics[f"{kind}@{k}"] == pytest.approx(value, rel=1e-12), f"{kind}@{k}"


def test_the_best_step_is_no_list_and_groups_of_targets_have_ranks_alone():
    found = evaluate(Peek(60), SPLIT, metrics="map@7,coverage@3").to_dict()
    assert found["excluded"][ORACLE].keys() - evaluate(Peek(60), SPLIT).metrics().keys() == {"MAP@7"}
    for group in found["seen_in_training"].values():
        assert "MAP@7" in group["kept"] and "Coverage@3" not in group["excluded"]


def test_names_of_all_metrics_are_reserved():
    assert set(OTHERS) == {*SAME, *OF_LISTS}
