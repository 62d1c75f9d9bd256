"""The checks of assignment a1. Expected values: the library's, or the equation once more."""

import itertools
import math

import numpy as np
from hypothesis import strategies as st

from minirearec.count_models import CountsConfig
from minirearec.evaluation.metrics import METRICS, per_user
from minirearec.evaluation.ranking import Ranks
from minirearec.evaluation.ranking import top_items as library_top_items
from minirearec_tutorials.grading.checks import check, expect, expect_close, seeds, sizes

from . import expected as inputs
from .expected import above_and_tied, count_scores, library_counts, means_and_oracle, rescaled

scales = st.sampled_from(["as drawn", "close", "huge"])
SCORES = np.array([3.0, 1.0, 2.0, 2.0, 0.0])  # the example of the text


# Task 1.1

@check("1.1")
def lipstick_and_perfume(student):
    """In the text's example one item ties with the target once the history is excluded."""
    expect_close(student.above_and_tied(SCORES, 2, [0, 1]), (0, 1), "above_and_tied(scores, 2, [0, 1])")
    expect_close(student.above_and_tied(SCORES, 2, []), (1, 1), "above_and_tied(scores, 2, [])")


@check("1.1", V=sizes(1, 6))
def all_scores_equal(student, V):
    """When all V items have the same score, none is above the target and V - 1 tie with it."""
    expect_close(student.above_and_tied(np.zeros(V), 0, []), (0, V - 1), "(above, tied)")


@check("1.1", user=inputs.users())
def seen_items_do_not_count(student, user):
    """Whatever a seen item scores (the target apart), above and tied stay the same."""
    scores, target, seen = user.values()
    changed = scores.copy()
    changed[[item for item in seen if item != target]] = 100
    expect_close(student.above_and_tied(changed, target, seen), above_and_tied(scores, target, seen),
                 "(above, tied), with every seen item scored 100")


@check("1.1", user=inputs.users(), how=scales)
def ranks_of_the_library(student, user, how):
    """The counts are the library's, also for huge scores, and for close ones: nearly equal is no tie."""
    scores, target, seen = user.values()
    scores = rescaled(scores, how)
    expect_close(student.above_and_tied(scores, target, seen), above_and_tied(scores, target, seen), "(above, tied)")


# Task 1.2

@check("1.2")
def best_two_of_the_example(student):
    """In the text's example lipstick (2) and perfume (3) tie, and the smaller index comes first."""
    expect_close(student.top_items(SCORES, 2, [0, 1]), np.array([2, 3]), "top_items(scores, 2, [0, 1])")
    expect_close(student.top_items(SCORES, 10, [0, 1]), np.array([2, 3, 4]), "top_items(scores, 10, [0, 1])")


@check("1.2", user=inputs.users(), k=sizes(1, 6))
def only_candidates_come_back(student, user, k):
    """No seen item and no item twice comes back, and there are min(k, candidates) of them."""
    scores, _, seen = user.values()
    got = student.top_items(scores, k, seen)
    left = sorted(set(range(len(scores))) - set(seen))
    expect(isinstance(got, np.ndarray) and got.ndim == 1, "an array of indices should come back")
    expect(got.size == 0 or got.dtype.kind in "iu", f"indices should be whole numbers, got {got.dtype}")
    expect(got.shape == (min(k, len(left)),), f"{min(k, len(left))} items should come back, got {got.size}")
    for item in got.tolist():
        expect(item in left, f"{item} came back, which is not a candidate; the candidates are {left}")
    expect(len(set(got.tolist())) == len(got), f"an item came back twice: {got.tolist()}")


@check("1.2", user=inputs.users(), k=sizes(1, 6))
def shifted_scores_same_list(student, user, k):
    """Subtracting 10 from every score, so that all are negative, changes nothing."""
    scores, _, seen = user.values()
    expect_close(student.top_items(scores - 10, k, seen), library_top_items(scores, k, np.array(seen, dtype=int)),
                 "the top items after subtracting 10 from every score")


@check("1.2", V=sizes(20, 60), k=sizes(1, 60), seed=seeds())
def ties_in_a_long_list(student, V, k, seed):
    """In a long list with only three different scores, equal ones come in the order of their index."""
    scores = np.random.default_rng(seed).integers(0, 3, V).astype(float)
    expect_close(student.top_items(scores, k, []), library_top_items(scores, k, np.zeros(0, dtype=int)),
                 "the top items")


@check("1.2", user=inputs.users(), k=sizes(1, 6), how=scales)
def top_items_of_the_library(student, user, k, how):
    """The items, and the order of equal scores, are those of minirearec.evaluation.ranking.top_items."""
    scores, _, seen = user.values()
    scores = rescaled(scores, how)
    expect_close(student.top_items(scores, k, seen), library_top_items(scores, k, np.array(seen, dtype=int)),
                 "the top items")


# Task 1.3

@check("1.3")
def third_place(student):
    """At rank 3 with k = 5 the metrics are 1, 1/2 and 1/3; with k = 2 they are 0."""
    expect_close(student.metrics_at(3, 5), (1.0, 0.5, 1 / 3), "(recall, ndcg, mrr) of rank 3, k = 5")
    expect_close(student.metrics_at(3, 2), (0.0, 0.0, 0.0), "(recall, ndcg, mrr) of rank 3, k = 2")


@check("1.3", k=sizes(1, 20))
def first_place_is_perfect(student, k):
    """At rank 1 all three metrics are 1, for every k."""
    expect_close(student.metrics_at(1, k), (1.0, 1.0, 1.0), f"(recall, ndcg, mrr) of rank 1, k = {k}")


@check("1.3", k=sizes(1, 10), beyond=sizes(1, 5))
def nothing_beyond_k(student, k, beyond):
    """Beyond rank k all three metrics are 0."""
    expect_close(student.metrics_at(k + beyond, k), (0.0, 0.0, 0.0),
                 f"(recall, ndcg, mrr) of rank {k + beyond}, k = {k}")


@check("1.3", rank=sizes(1, 12), k=sizes(1, 10))
def metrics_of_the_library(student, rank, k):
    """The values are those of minirearec.evaluation.metrics."""
    values = per_user(Ranks(np.array([rank - 1]), np.array([0])), (k,))
    expect_close(student.metrics_at(rank, k), tuple(float(values[f"{name}@{k}"][0]) for name in METRICS),
                 f"(recall, ndcg, mrr) of rank {rank}, k = {k}")


# Task 1.4

@check("1.4")
def four_items_tie(student):
    """A guess among four has Recall@1 = 1/4, and MRR@2 = (1 + 1/2)/4."""
    expect_close(student.expected_metric(np.ones(4), 1, 0, 3), 0.25, "the expected Recall@1")
    expect_close(student.expected_metric(np.array([1, 1 / 2, 1 / 3, 1 / 4]), 2, 0, 3), 0.375, "the expected MRR@2")


@check("1.4", name=st.sampled_from(list(METRICS)), k=sizes(1, 6), rank=sizes(1, 6))
def without_ties_the_rank_decides(student, name, k, rank):
    """When nothing ties, the expectation is the metric of the only possible rank: 0 beyond k."""
    gains = METRICS[name].gain(np.arange(1.0, 7))
    expect_close(student.expected_metric(gains, k, rank - 1, 0), gains[rank - 1] if rank <= k else 0.0,
                 f"{name}@{k} of rank {rank} without ties")


@check("1.4", name=st.sampled_from(list(METRICS)), k=sizes(1, 8), above=sizes(0, 3), tied=sizes(0, 3))
def mean_over_every_order(student, name, k, above, tied):
    """Write down every order of the tied items, and take the mean of the metric over all of them."""
    gains = METRICS[name].gain(np.arange(1.0, above + tied + 2))
    ranks = [above + 1 + order.index("target")
             for order in itertools.permutations(["target", *range(tied)])]
    mean = sum(gains[rank - 1] if rank <= k else 0.0 for rank in ranks) / len(ranks)
    expect_close(student.expected_metric(gains, k, above, tied), mean, f"the expected {name}@{k}")


@check("1.4", name=st.sampled_from(list(METRICS)), k=sizes(1, 25), above=sizes(0, 20), tied=sizes(0, 20))
def expectation_of_the_library(student, name, k, above, tied):
    """The value is that of minirearec.evaluation.metrics."""
    gains = METRICS[name].gain(np.arange(1.0, above + tied + 2))
    value = per_user(Ranks(np.array([above]), np.array([tied])), (k,))[f"{name}@{k}"][0]
    expect_close(student.expected_metric(gains, k, above, tied), value, f"the expected {name}@{k}")


# Task 1.5

@check("1.5")
def two_users_three_steps(student):
    """Each user has a best step of their own."""
    values = np.array([[0.5, 0.0, 1.0], [0.5, 0.75, 0.25]])
    expect_close(student.compare_steps(values), (np.array([0.5, 0.375, 0.625]), 0.875), "(means, oracle)")


@check("1.5", users=sizes(1, 5), seed=seeds())
def one_step_leaves_no_choice(student, users, seed):
    """With a single step the oracle is that step's mean."""
    values = inputs.draw_values(users, 1, seed)
    mean = sum(values[:, 0].tolist()) / users
    expect_close(student.compare_steps(values), (np.array([mean]), mean), "(means, oracle)")


@check("1.5", users=sizes(1, 5), steps=sizes(1, 4), seed=seeds())
def steps_in_another_order(student, users, steps, seed):
    """With the steps in reverse order the means are reversed, and the oracle stays the same."""
    values = inputs.draw_values(users, steps, seed)
    means, oracle = means_and_oracle(values)
    expect_close(student.compare_steps(values[:, ::-1].copy()), (means[::-1], oracle), "(means, oracle)")


@check("1.5", users=sizes(1, 5), steps=sizes(1, 4), seed=seeds())
def sums_written_out(student, users, steps, seed):
    """The means and the oracle are those of sums written out user by user."""
    values = inputs.draw_values(users, steps, seed)
    expect_close(student.compare_steps(values), means_and_oracle(values), "(means, oracle)")


# Task 1.6

@check("1.6")
def example_by_hand(student):
    """The example that the text works out by hand."""
    expected = np.array([0, 1, 1.5]) / math.sqrt(2) + np.array([0, 0, 0.5])
    expect_close(student.count_scores([[0, 1, 2], [0, 2]], [1, 0], 3, 2), expected,
                 "count_scores([[0, 1, 2], [0, 2]], [1, 0], 3, 2)")


@check("1.6")
def unknown_item_has_no_vote(student):
    """An item of the history that never occurs in training adds nothing."""
    expect_close(student.count_scores([[0, 1]], [2], 3, 2), np.zeros(3), "count_scores([[0, 1]], [2], 3, 2)")


@check("1.6", corpus=inputs.corpora(), window=sizes(1, 3), older=st.lists(st.integers(0, 4), min_size=1, max_size=2))
def old_items_are_forgotten(student, corpus, window, older):
    """Items before the last `window` items of the history have no influence."""
    training, history = corpus.values()
    newest = (history * window)[-window:]
    before = student.count_scores(training, newest, 5, window)
    expect_close(student.count_scores(training, [*older, *newest], 5, window), before,
                 f"the scores after putting {older} in front of the history {newest}")


@check("1.6", corpus=inputs.corpora(), window=sizes(1, 3))
def training_twice(student, corpus, window):
    """With every training history given twice all scores are sqrt(2) times as large: C and n double."""
    training, history = corpus.values()
    expect_close(student.count_scores(training * 2, history, 5, window),
                 count_scores(training, history, 5, window) * math.sqrt(2),
                 "the scores with the training part given twice")


@check("1.6", corpus=inputs.corpora(), window=sizes(1, 4))
def scores_by_matrices(student, corpus, window):
    """The scores follow the equation, with C a sum of one matrix product for each gap."""
    training, history = corpus.values()
    expect_close(student.count_scores(training, history, 5, window), count_scores(training, history, 5, window),
                 "the scores")


@check("1.6", seed=seeds())
def baseline_of_the_library(student, seed):
    """On longer histories with window 10 the scores are those of `minirearec train --method counts`."""
    training, history = inputs.draw_histories(seed)
    window = CountsConfig.window
    expect_close(student.count_scores(training, history, 6, window), library_counts(training, history), "the scores")
