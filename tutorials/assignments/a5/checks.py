"""The checks of assignment a5. Expected values: the NumPy twin, or the equation written with loops in expected.py."""

import math

import numpy as np
from hypothesis import strategies as st

from minirearec.reference import objectives
from minirearec_tutorials.grading.checks import check, expect_close, numbers, parts, seeds, shaped, sizes

from .expected import groups_for, pairs, reason_slowly, targets_for, thoughts

TWO = "reason_with_noise should return two arrays"
taus = st.sampled_from([0.1, 0.5, 1.0, 2.0])
alphas = st.sampled_from([1.0, 1.5, 2.0, 5.0])


# Task 5.1

@check("5.1")
def three_temperatures(student):
    """With tau = 1, alpha = 2 and K = 2 the temperatures are 4, 2, 1."""
    expect_close(student.temperatures(1.0, 2.0, 2), np.array([4.0, 2.0, 1.0]), "temperatures(1.0, 2.0, 2)")


@check("5.1", tau=taus, alpha=alphas)
def no_steps(student, tau, alpha):
    """With K = 0 there is one state, and its temperature is tau."""
    expect_close(student.temperatures(tau, alpha, 0), np.array([tau]), "temperatures(tau, alpha, 0)")


@check("5.1", tau=taus, alpha=alphas, K=sizes(1, 5))
def each_step_is_sharper(student, tau, alpha, K):
    """The last temperature is tau, and each one is alpha times the next."""
    got = shaped(student.temperatures(tau, alpha, K), (K + 1,), "temperatures(tau, alpha, K)")
    expect_close(got[-1], tau, "the last of temperatures(tau, alpha, K)")
    expect_close(got[:-1], alpha * got[1:], "the temperatures of r_0..r_{K-1}, which are alpha times those of r_1..r_K")


@check("5.1", tau=taus, alpha=alphas, K=sizes(0, 5))
def schedule_of_the_library(student, tau, alpha, K):
    """The schedule is tau * alpha^(K-k), k = 0..K."""
    expect_close(student.temperatures(tau, alpha, K), np.array(objectives.temperatures(tau, alpha, K)),
                 "temperatures(tau, alpha, K)")


# Task 5.2

@check("5.2")
def one_opinion_three_temperatures(student):
    """In the text's example the same scores (2, 0) cost .474, .313 and .127 at the temperatures 4, 2 and 1."""
    states = np.array([[[2.0, 0.0], [2.0, 0.0], [2.0, 0.0]]])
    expected = np.array([math.log(1 + math.exp(-2 / tau)) for tau in (4, 2, 1)])
    expect_close(student.step_losses(states, np.eye(2), np.array([0]), np.array([4.0, 2.0, 1.0])), expected,
                 "step_losses(states, table, targets, taus)")


@check("5.2", P=sizes(1, 3), K=sizes(0, 3), V=sizes(2, 4), factor=st.sampled_from([2.0, 10.0]), seed=seeds())
def only_the_ratio_counts(student, P, K, V, factor, seed):
    """A state that is twice as long at twice the temperature has the same loss, at each step by itself."""
    states, table, targets = numbers(seed, P, K + 1, 2), numbers(seed + 1, V, 2), targets_for(seed, P, V)
    factors = np.ones(K + 1)
    factors[0] = factor
    tau = np.full(K + 1, 0.5)
    expect_close(student.step_losses(states * factors[:, None], table, targets, tau * factors),
                 student.step_losses(states, table, targets, tau),
                 f"step_losses with r_0 and its temperature both {factor:g} times as large")


@check("5.2", P=sizes(1, 3), K=sizes(0, 3), V=sizes(2, 4), alpha=alphas, seed=seeds())
def losses_of_the_library(student, P, K, V, alpha, seed):
    """Each step has the library's cross-entropy at its own temperature."""
    states, table, targets = numbers(seed, P, K + 1, 2), numbers(seed + 1, V, 2), targets_for(seed, P, V)
    tau = np.array(objectives.temperatures(0.5, alpha, K))
    expected = [objectives.cross_entropy(states[:, k], table, targets, tau[k]) for k in range(K + 1)]
    expect_close(student.step_losses(states, table, targets, tau), np.array(expected),
                 "step_losses(states, table, targets, taus)")


@check("5.2", P=sizes(1, 3), K=sizes(0, 3), V=sizes(2, 4), seed=seeds())
def large_scores(student, P, K, V, seed):
    """Scores of some thousands are no trouble, however far apart the positions are: log_softmax is stable."""
    states, table, targets = numbers(seed, P, K + 1, 2, scale=1000), numbers(seed + 1, V, 2), targets_for(seed, P, V)
    expected = [objectives.cross_entropy(states[:, k], table, targets, 1.0) for k in range(K + 1)]
    expect_close(student.step_losses(states, table, targets, np.ones(K + 1)), np.array(expected),
                 "step_losses of states of some thousands")


# Task 5.3

@check("5.3")
def one_position_two_steps(student):
    """One position of width 1 and weight 1: r_1 = tanh(0 + .5), r_2 = tanh(r_1 + 0), each with noise of .1 and .2."""
    start, positions, noise = np.array([[0.0]]), np.array([[0.5], [0.0]]), np.array([[[0.1], [0.2]]])
    first = math.tanh(0.5)
    expected = (np.array([[[0.0], [first], [math.tanh(first)]]]),
                np.array([[[math.tanh(0.6)], [math.tanh(first + 0.2)]]]))
    expect_close(student.reason_with_noise(start, positions, noise, np.array([[1.0]])), expected,
                 "reason_with_noise(start, positions, noise, weight)")


@check("5.3", P=sizes(1, 3), K=sizes(1, 3), D=sizes(1, 3), seed=seeds())
def without_noise(student, P, K, D, seed):
    """Where the noise is 0, the noised states are the clean states r_1..r_K."""
    start, positions, noise, weight = thoughts(seed, P, K, D)
    got = parts(student.reason_with_noise(start, positions, np.zeros_like(noise), weight), 2, TWO)
    states = shaped(got[0], (P, K + 1, D), "the states")
    expect_close(got[1], states[:, 1:], "the noised states for a noise of 0")


@check("5.3", P=sizes(1, 3), K=sizes(2, 3), D=sizes(1, 2), seed=seeds())
def noise_is_felt_in_its_step_alone(student, P, K, D, seed):
    """Noise in the first step changes the first noised state; no clean state and no later noised state feels it."""
    start, positions, noise, weight = thoughts(seed, P, K, D)
    quiet = noise.copy()
    quiet[:, 0] = 0
    expected_states, _ = reason_slowly(start, positions, noise, weight)
    got = parts(student.reason_with_noise(start, positions, noise, weight), 2, TWO)
    other = parts(student.reason_with_noise(start, positions, quiet, weight), 2, TWO)
    expect_close(other[0], expected_states, "the states, with no noise in the first step")
    expect_close(shaped(other[1], (P, K, D), "the noised states")[:, 1:],
                 shaped(got[1], (P, K, D), "the noised states")[:, 1:],
                 "the noised states r'_2..r'_K, with no noise in the first step")


@check("5.3", P=sizes(1, 3), K=sizes(1, 3), D=sizes(1, 3), seed=seeds())
def states_by_the_equation(student, P, K, D, seed):
    """Clean and noised states are those of the equation, computed one number at a time."""
    given = thoughts(seed, P, K, D)
    expect_close(student.reason_with_noise(*given), reason_slowly(*given),
                 "reason_with_noise(start, positions, noise, weight)")


# Task 5.4

@check("5.4")
def two_histories(student):
    """Of three positions the first two come from one history: they leave each other out."""
    expected = np.array([[True, False, True], [False, True, True], [True, True, True]])
    expect_close(student.allowed_pairs(np.array([0, 0, 1])), expected, "allowed_pairs(groups)")


@check("5.4", P=sizes())
def one_history(student, P):
    """If all positions come from one history, each is alone with itself."""
    expect_close(student.allowed_pairs(np.zeros(P, dtype=int)), np.eye(P, dtype=bool), "allowed_pairs(groups)")


@check("5.4", P=sizes(), seed=seeds())
def every_position_a_history(student, P, seed):
    """If no two positions come from the same history, nothing is left out."""
    groups = np.random.default_rng(seed).permutation(P)
    expect_close(student.allowed_pairs(groups), np.ones((P, P), dtype=bool), "allowed_pairs(groups)")


@check("5.4", P=sizes(), seed=seeds())
def pairs_by_comparison(student, P, seed):
    """Two positions take part in each other's sum unless they are different and of the same group."""
    groups = groups_for(seed, P)
    expect_close(student.allowed_pairs(groups), pairs(groups), "allowed_pairs(groups)")


# Task 5.5

@check("5.5")
def scores_of_the_text(student):
    """The three positions of the text, two of them from one history: .127, .127 and .240, so .164 on average."""
    noised = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    expected = (2 * math.log(1 + math.exp(-2)) + math.log(1 + 2 * math.exp(-2))) / 3
    expect_close(student.info_nce(noised, np.eye(3), 1.0, pairs([0, 0, 1])), expected,
                 "info_nce(noised, clean, 1.0, allowed)")


@check("5.5", P=sizes(1, 4), D=sizes(1, 3), seed=seeds())
def nobody_to_tell_apart(student, P, D, seed):
    """Where a position is allowed nothing but itself there is nothing to tell apart, and the loss is 0."""
    got = student.info_nce(numbers(seed, P, D), numbers(seed + 1, P, D), 0.5, np.eye(P, dtype=bool))
    expect_close(got, 0.0, "info_nce(noised, clean, 0.5, allowed)")


@check("5.5", P=sizes(2, 4), D=sizes(1, 3), seed=seeds())
def left_out_is_not_felt(student, P, D, seed):
    """If the clean state of the last position is allowed for itself alone, it does not matter what it is."""
    noised, clean, allowed = numbers(seed, P, D), numbers(seed + 1, P, D), np.ones((P, P), dtype=bool)
    allowed[:-1, -1] = allowed[-1, :-1] = False
    moved = clean.copy()
    moved[-1] += 3
    expect_close(student.info_nce(noised, moved, 0.5, allowed), student.info_nce(noised, clean, 0.5, allowed),
                 "info_nce with another clean state at the last position")


@check("5.5", P=sizes(1, 4), D=sizes(1, 3), tau=taus, seed=seeds())
def contrast_of_the_library(student, P, D, tau, seed):
    """The library's InfoNCE for positions of up to three histories."""
    noised, clean, groups = numbers(seed, P, D), numbers(seed + 1, P, D), groups_for(seed, P)
    expect_close(student.info_nce(noised, clean, tau, pairs(groups)), objectives.info_nce(noised, clean, tau, groups),
                 "info_nce(noised, clean, temperature, allowed)")


@check("5.5", P=sizes(2, 4), D=sizes(1, 3), scale=st.sampled_from([1000.0, 1e40]), seed=seeds())
def states_far_apart(student, P, D, scale, seed):
    """However large the scores are, and however low that of one's own state, the loss is a number, and right."""
    noised, clean, groups = numbers(seed, P, D, scale=scale), numbers(seed + 1, P, D), groups_for(seed, P)
    expect_close(student.info_nce(noised, clean, 1.0, pairs(groups)), objectives.info_nce(noised, clean, 1.0, groups),
                 f"info_nce of states of about {scale:g}")


# Task 5.6

@check("5.6")
def two_steps(student):
    """Last loss 1, early losses of mean 3, contrasts of mean .5, weights .5 and 2: 1 + .5 * 3 + 2 * .5 = 3.5."""
    got = student.prl_loss(np.array([4.0, 2.0, 1.0]), np.array([0.2, 0.8]), 0.5, 2.0)
    expect_close(got, 3.5, "prl_loss(losses, contrasts, 0.5, 2.0)")


@check("5.6", loss=st.sampled_from([0.5, 1.0, 2.0]))
def no_steps_no_means(student, loss):
    """With K = 0 the loss is the only cross-entropy there is."""
    expect_close(student.prl_loss(np.array([loss]), np.zeros(0), 1.0, 1.0), loss, "prl_loss with no steps")


@check("5.6", K=sizes(1, 5), loss=st.sampled_from([0.5, 1.0, 2.0]))
def steps_of_equal_loss(student, K, loss):
    """If all losses and contrasts are equal and the weights are 1, the result is 3 times that, whatever K is."""
    expect_close(student.prl_loss(np.full(K + 1, loss), np.full(K, loss), 1.0, 1.0), 3 * loss,
                 "prl_loss of equal losses and contrasts")


@check("5.6", P=sizes(1, 3), K=sizes(0, 3), early=st.sampled_from([0.0, 0.5, 1.0]),
       contrast=st.sampled_from([0.0, 0.1, 1.0]), seed=seeds())
def loss_of_the_library(student, P, K, early, contrast, seed):
    """The library's loss, for the cross-entropies and contrasts of the same states."""
    states, table, targets = numbers(seed, P, K + 1, 2), numbers(seed + 1, 3, 2), targets_for(seed, P, 3)
    noised, groups = numbers(seed + 2, P, K, 2), groups_for(seed, P)
    losses = [objectives.cross_entropy(states[:, k], table, targets, tau)
              for k, tau in enumerate(objectives.temperatures(1.0, 2.0, K))]
    contrasts = [objectives.info_nce(noised[:, k], states[:, k + 1], 1.0, groups) for k in range(K)]
    expected = objectives.prl_loss(states, table, targets, 1.0, 2.0, early, noised, contrast, groups)
    expect_close(student.prl_loss(np.array(losses), np.array(contrasts), early, contrast), expected,
                 "prl_loss(losses, contrasts, progressive_weight, contrastive_weight)")
