"""The checks of assignment a4. Expected values: the NumPy twin, or the equation written with loops in expected.py."""

import math

import numpy as np
from hypothesis import strategies as st

from minirearec.reference import objectives
from minirearec.reference.ops import softmax
from minirearec_tutorials.grading.checks import check, expect, expect_close, numbers, seeds, shaped, sizes, slope

from .expected import divergence_matrices, log_softmax, mean_kl, stopped_gradient

temperatures = st.sampled_from([1.0, 0.5, 2.0, 0.001])  # the last makes scores of some thousands


# Task 4.1

@check("4.1")
def mean_of_two_states(student):
    """The states (2, 0) and (0, 2) give the user (1, 1); the second user's states are equal."""
    states = np.array([[[2.0, 0.0], [0.0, 2.0]], [[3.0, 1.0], [3.0, 1.0]]])
    expect_close(student.user_state(states), np.array([[1.0, 1.0], [3.0, 1.0]]), "user_state(states)")


@check("4.1", P=sizes(), M=sizes(), D=sizes(), seed=seeds())
def mean_as_in_the_library(student, P, M, D, seed):
    """Each user's vector is the mean of that user's states."""
    states = numbers(seed, P, M, D)
    expect_close(student.user_state(states), objectives.user_state(states, True), "user_state(states)")


@check("4.1", P=sizes(), M=sizes(), D=sizes(), seed=seeds())
def order_of_steps(student, P, M, D, seed):
    """An ensemble has no order: the steps backwards give the same user."""
    states = numbers(seed, P, M, D)
    expect_close(student.user_state(states[:, ::-1].copy()), student.user_state(states),
                 "user_state of the steps backwards")


# Task 4.2

@check("4.2")
def two_states_of_the_text(student):
    """The log-probabilities of the two states in the introduction, at temperature 1."""
    states, table = np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    expected = np.log(softmax(np.array([[2.0, 0.0, 2.0], [0.0, 2.0, 2.0]])))
    expect_close(student.log_probabilities(states, table, 1.0), expected, "log_probabilities(states, table, 1.0)")


@check("4.2")
def large_scores(student):
    """Scores of 1000 and 0 have the log-probabilities 0 and -1000; scores of -1000 and -1000 are a fair coin."""
    states, table = np.array([[1000.0, 0.0], [-1000.0, -1000.0]]), np.eye(2)
    expected = np.array([[0.0, -1000.0], [-math.log(2), -math.log(2)]])
    expect_close(student.log_probabilities(states, table, 1.0), expected, "log_probabilities(states, table, 1.0)")


@check("4.2", P=sizes(1, 3), D=sizes(1, 3), V=sizes(2, 4), tau=temperatures, seed=seeds())
def each_row_is_a_distribution(student, P, D, V, tau, seed):
    """The probabilities of every user's row sum to 1."""
    states, table = numbers(seed, P, D), numbers(seed + 1, V, D)
    got = shaped(student.log_probabilities(states, table, tau), (P, V), "log_probabilities(states, table, tau)")
    expect_close(np.exp(got).sum(1), np.ones(P), "the sums of exp(log_probabilities(...)) over the items")


@check("4.2", M=sizes(1, 3), D=sizes(1, 3), V=sizes(2, 4), tau=temperatures, seed=seeds())
def same_shift_of_all_items(student, M, D, V, tau, seed):
    """The same vector added to all rows of the table changes nothing: only differences of scores count."""
    states, table, shift = numbers(seed, M, D), numbers(seed + 1, V, D), numbers(seed + 2, D)
    expect_close(student.log_probabilities(states, table + shift, tau), student.log_probabilities(states, table, tau),
                 "log_probabilities with every item shifted by the same vector", atol=1e-9)


@check("4.2", P=sizes(1, 3), M=sizes(1, 3), D=sizes(1, 3), V=sizes(2, 4), tau=temperatures, seed=seeds())
def scores_of_all_steps(student, P, M, D, V, tau, seed):
    """States [P, M, D] give log softmax(r E^T / tau) [P, M, V]: one row for each state, also for one state alone."""
    states, table = numbers(seed, P, M, D), numbers(seed + 1, V, D)
    expected = log_softmax(objectives.scores(states, table, tau))
    expect_close(student.log_probabilities(states, table, tau), expected, "log_probabilities(states, table, tau)",
                 atol=1e-9)
    expect_close(student.log_probabilities(states[0, 0], table, tau), expected[0, 0],
                 "log_probabilities(one state, table, tau)", atol=1e-9)


# Task 4.3

@check("4.3")
def two_users(student):
    """Two users whose targets have probabilities 1/2 and 1/4: the loss is (log 2 + log 4) / 2."""
    log_probs = np.log([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]])
    expected = (math.log(2) + math.log(4)) / 2
    expect_close(student.cross_entropy(log_probs, np.array([0, 2])), expected, "cross_entropy(log_probs, targets)")


@check("4.3", P=sizes(), V=sizes(), seed=seeds())
def guessing(student, P, V, seed):
    """A model that gives all V items the same probability has the loss log V, whatever the targets are."""
    log_probs, targets = np.full((P, V), -math.log(V)), np.random.default_rng(seed).integers(V, size=P)
    expect_close(student.cross_entropy(log_probs, targets), math.log(V), "cross_entropy of equal probabilities")


@check("4.3", P=sizes(), V=sizes(2, 5), seed=seeds())
def one_target_each(student, P, V, seed):
    """The mean over users of minus the log-probability of the user's own target."""
    states, table = numbers(seed, P, 2), numbers(seed + 1, V, 2)
    targets = np.random.default_rng(seed).integers(V, size=P)
    log_probs = log_softmax(objectives.scores(states, table, 1.0))
    expect_close(student.cross_entropy(log_probs, targets), objectives.cross_entropy(states, table, targets, 1.0),
                 "cross_entropy(log_probs, targets)")


# Task 4.4

@check("4.4")
def one_user_with_two_steps(student):
    """KL between (.5, .25, .25) and (.8, .1, .1): it is not the same in the two directions."""
    log_probs = np.log([[[0.5, 0.25, 0.25], [0.8, 0.1, 0.1]]])
    there, back = 0.5 * math.log(5 / 8) + 0.5 * math.log(5 / 2), 0.8 * math.log(8 / 5) + 0.2 * math.log(2 / 5)
    expect_close(student.kl_matrix(log_probs), np.array([[[0.0, there], [back, 0.0]]]), "kl_matrix(log_probs)")


@check("4.4")
def an_item_nobody_wants(student):
    """An item of probability exp(-800), which rounds to 0, adds nothing to KL(y_0 || y_1) = log 2."""
    log_probs = np.array([[[0.0, -800.0], [-math.log(2), -math.log(2)]]])
    expected = np.array([[[0.0, math.log(2)], [400 - math.log(2), 0.0]]])
    expect_close(student.kl_matrix(log_probs), expected, "kl_matrix(log_probs)")


@check("4.4", P=sizes(1, 3), M=sizes(1, 4), V=sizes(1, 4), seed=seeds())
def zero_for_a_step_with_itself(student, P, M, V, seed):
    """KL is never negative, and it is 0 for a step with itself."""
    log_probs = log_softmax(numbers(seed, P, M, V))
    got = shaped(student.kl_matrix(log_probs), (P, M, M), "kl_matrix(log_probs)")
    expect((got > -1e-12).all(), "kl_matrix(log_probs) holds a number below 0, which no divergence is")
    expect_close(np.diagonal(got, axis1=1, axis2=2), np.zeros((P, M)), "the diagonals of kl_matrix(log_probs)")


@check("4.4", P=sizes(1, 3), M=sizes(1, 4), V=sizes(1, 4), scale=st.sampled_from([1.0, 10.0, 1000.0]), seed=seeds())
def row_is_first_column_is_second(student, P, M, V, scale, seed):
    """Entry [p, i, j] is KL(y_pi || y_pj), for steps that are unsure and for steps that are certain."""
    log_probs = log_softmax(numbers(seed, P, M, V, scale=scale))
    expect_close(student.kl_matrix(log_probs), divergence_matrices(log_probs), "kl_matrix(log_probs)")


# Task 4.5

@check("4.5")
def two_users_with_two_steps(student):
    """Losses of mean 1.5, four divergences of mean 0.5 and lambda = 0.1 make 1.5 - 0.1 * 0.5."""
    divergences = np.array([[[0.0, 0.2], [0.4, 0.0]], [[0.0, 0.6], [0.8, 0.0]]])
    expect_close(student.erl_loss(np.array([1.0, 2.0]), divergences, 0.1), 1.45,
                 "erl_loss(losses, divergences, 0.1)")


@check("4.5", P=sizes(), seed=seeds())
def no_steps_no_pairs(student, P, seed):
    """With K = 0 there is one state and no pair, so the loss is the mean cross-entropy."""
    losses = np.abs(numbers(seed, P))
    expect_close(student.erl_loss(losses, np.zeros((P, 1, 1)), 0.5), losses.mean(), "erl_loss with a single state")


@check("4.5", P=sizes(1, 3), M=sizes(2, 4), seed=seeds())
def disagreement_is_rewarded(student, P, M, seed):
    """If every pair is further apart by 1, the loss is lower by lambda, however many steps there are."""
    losses, apart = np.abs(numbers(seed, P)), np.broadcast_to(1 - np.eye(M), (P, M, M)).copy()
    for distance in (1, 2):
        expect_close(student.erl_loss(losses, distance * apart, 0.25), losses.mean() - 0.25 * distance,
                     f"erl_loss where all divergences are {distance} and lambda is 0.25")


@check("4.5", P=sizes(1, 3), M=sizes(2, 4), seed=seeds())
def agreement_counts_as_zero(student, P, M, seed):
    """Steps that agree are pairs too: if only the last step is apart, by 1, the other pairs count as 0."""
    losses, apart = np.abs(numbers(seed, P)), np.zeros((P, M, M))
    apart[:, -1, :-1] = apart[:, :-1, -1] = 1
    expect_close(student.erl_loss(losses, apart, 0.25), losses.mean() - 0.25 * 2 * (M - 1) / (M * (M - 1)),
                 "erl_loss where only the last step is apart and lambda is 0.25")


@check("4.5", P=sizes(1, 3), M=sizes(1, 4), weight=st.sampled_from([0.0, 0.05, 1.0]), seed=seeds())
def loss_as_in_the_library(student, P, M, weight, seed):
    """The loss of the library, for the cross-entropies and divergences of the same states."""
    states, table = numbers(seed, P, M, 2), numbers(seed + 1, 3, 2)
    targets = np.random.default_rng(seed).integers(3, size=P)
    mean = log_softmax(objectives.scores(states.mean(1), table, 1.0))
    divergences = divergence_matrices(log_softmax(objectives.scores(states, table, 1.0)))
    expected = objectives.erl_loss(states, table, targets, 1.0, weight)
    got = student.erl_loss(-mean[np.arange(P), targets], divergences, weight)
    expect_close(got, expected, "erl_loss(losses, divergences, kl_weight)")


# Task 4.6

@check("4.6")
def two_steps_with_stop(student):
    """Two steps, three items, the second distribution of each pair held constant."""
    log_probs = np.log([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    expect_close(student.kl_gradient(log_probs, True), stopped_gradient(log_probs), "kl_gradient(log_probs, True)")


@check("4.6")
def two_steps_without_stop(student):
    """The same two steps with nothing held constant: the second slopes, (y_j - y_i) / 2, are added."""
    log_probs = np.log([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    second = np.array([[0.25, 0.0, -0.25], [-0.25, 0.0, 0.25]]) / 2
    expect_close(student.kl_gradient(log_probs, False), stopped_gradient(log_probs) + second,
                 "kl_gradient(log_probs, False)")


@check("4.6")
def an_item_that_nobody_wants(student):
    """A probability of e^-800, which a computer rounds to 0, makes no NaN."""
    log_probs = np.array([[0.0, -800.0], [-math.log(2), -math.log(2)]])
    expect_close(student.kl_gradient(log_probs, True), stopped_gradient(log_probs), "kl_gradient(log_probs, True)")


@check("4.6", M=sizes(2, 4), V=sizes(2, 4), stop=st.booleans(), seed=seeds())
def gradients_sum_to_zero(student, M, V, stop, seed):
    """Adding a number to all scores of a step changes no probability, so each row of the gradient sums to 0."""
    got = student.kl_gradient(log_softmax(numbers(seed, M, V)), stop)
    got = shaped(got, (M, V), "kl_gradient(log_probs, stop)")
    expect_close(got.sum(1), np.zeros(M), "the sum of each row of kl_gradient(log_probs, stop)")


@check("4.6", M=sizes(2, 4), V=sizes(2, 4), seed=seeds())
def differences_with_the_second_side_still(student, M, V, seed):
    """With stop, the gradient is the slope that differences find when the second side of each pair is held still."""
    scores = numbers(seed, M, V)
    expected = slope(lambda moved: mean_kl(moved, scores), scores)
    expect_close(student.kl_gradient(log_softmax(scores), True), expected, "kl_gradient(log_probs, True)", 1e-6, 1e-8)


@check("4.6", M=sizes(2, 4), V=sizes(2, 4), seed=seeds())
def differences_with_nothing_still(student, M, V, seed):
    """Without stop, the gradient is the slope that differences find when both sides of each pair move."""
    scores = numbers(seed, M, V)
    expected = slope(lambda moved: mean_kl(moved, moved), scores)
    expect_close(student.kl_gradient(log_softmax(scores), False), expected, "kl_gradient(log_probs, False)",
                 1e-6, 1e-8)


@check("4.6", M=sizes(2, 4), V=sizes(2, 4), seed=seeds())
def gradient_as_in_the_library(student, M, V, seed):
    """With stop, the gradient is the one with which the library trains."""
    scores = numbers(seed, M, V)
    expect_close(student.kl_gradient(log_softmax(scores), True), stopped_gradient(scores),
                 "kl_gradient(log_probs, True)")
