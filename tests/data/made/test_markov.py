"""markov: the data follow the chain, and the bound is what no ranking beats."""

import itertools

import numpy as np
import pytest

from minirearec.data import card, leave_one_out, load
from minirearec.data.made.markov import SUCCESSORS, Chain, best_metrics, markov, markov_chain
from minirearec.evaluation.full_ranking import evaluate
from minirearec.evaluation.scorers import Row


class ChainScorer:
    """Score the catalogue by the true probabilities, as the best possible model would."""

    answer = Row("true probabilities", 0)
    rows = (answer,)
    max_length = 1

    def __init__(self, chain: Chain):
        self.matrix = chain.matrix()

    def states(self, items, lengths):
        return items[np.arange(len(items)), lengths - 1]

    def scores(self, states, row, out=None):
        return self.matrix[states]


@pytest.fixture(scope="module")
def data():
    return markov()


def test_counts_are_those_of_the_card(data):
    expected = card("markov")
    for made in (data, markov(1)):
        assert (made.n_users, made.n_items, made.n_interactions) == (
            expected.users, expected.items, expected.interactions)
    assert load("markov", seed=1).sha256 == markov(1).sha256 != data.sha256 == load("markov").sha256
    assert data.synthetic and "seed 0" in data.source


def test_the_chain_is_one(data):
    matrix = markov_chain().matrix()
    assert np.allclose(matrix.sum(axis=1), 1) and ((matrix > 0).sum(axis=1) == SUCCESSORS).all()
    assert (np.diff(markov_chain().probability, axis=1) <= 0).all()


def test_transitions_have_the_probabilities_of_the_chain(data):
    """All pairs of the data by the likelihood rank of the second: within four standard errors."""
    chain, inside = markov_chain(), np.ones(len(data.items), dtype=bool)
    inside[data.offsets[:-1]] = False
    after = np.flatnonzero(inside)
    rank = (chain.successor[data.items[after - 1]] == data.items[after, None])
    assert (rank.sum(axis=1) == 1).all(), "nothing but successors follows"
    expected = chain.probability[data.items[after - 1]]
    error = 4 * np.sqrt((expected * (1 - expected)).sum(axis=0)) / len(after)
    assert (abs(rank.mean(axis=0) - expected.mean(axis=0)) < error).all()


def test_no_item_occurs_twice_in_a_history(data):
    assert all(len(set(data.history(user).tolist())) == len(data.history(user)) for user in range(0, data.n_users, 7))


def test_the_true_probabilities_reach_the_bound(data):
    """This holds with seen items excluded and kept; the sampled targets vary by a few standard errors."""
    split, chain = leave_one_out(data), markov_chain()
    bound = best_metrics(split, chain)
    found = evaluate(ChainScorer(chain), split, "test")
    for seen in ("excluded", "kept"):
        metrics = found.metrics(seen=seen)
        assert set(metrics) == set(bound)
        assert all(abs(metrics[name] - bound[name]) < 4 * 0.5 / np.sqrt(split.n_rows("test")) for name in bound)
    assert bound["Recall@10"] == pytest.approx(1) and bound["Recall@5"] < 0.99 and bound["NDCG@10"] < 0.9


def test_no_ranking_beats_the_bound():
    """Every ranking of four items, weighed with the probabilities after the one row's last item."""
    data = load("markov")
    split = leave_one_out(data)
    first = split.data.items[split.data.offsets[0] + split.test.length[0] - 1]
    rng = np.random.default_rng(0)
    probability = np.full((data.n_items, SUCCESSORS), 0.0)
    probability[:, :4] = np.sort(rng.dirichlet(np.ones(4)))[::-1]
    chain = Chain(markov_chain().successor, probability)
    best = max(sum(p / np.log2(rank + 2) for rank, p in enumerate(order))
               for order in itertools.permutations(probability[first, :4]))
    assert best_metrics(split, chain)["NDCG@5"] == pytest.approx(best)
