"""Properties of the objectives and of the training gradients."""

import math
from dataclasses import replace

import numpy as np

from minirearec.config import ObjectiveConfig
from minirearec.sampling import Negatives
from minirearec.weights import combine, flatten
from tests.compare import assert_same
from tests.reference.registry import assert_close, holds, loss_inputs, slope, table_of


@holds
def the_schedule_falls_to_tau(model, p):
    """tau_K = tau; each step is alpha times sharper; alpha = 1 gives one temperature; a larger alpha is softer."""
    taus = model.temperatures(0.5, 1.5, p.K)
    assert taus[-1] == 0.5 and len(taus) == p.K + 1
    assert_same(np.array(taus[:-1]) / np.array(taus[1:]), np.full(p.K, 1.5))
    assert model.temperatures(0.5, 1.0, p.K) == [0.5] * (p.K + 1)


@holds
def a_higher_temperature_flattens(model, p):
    states, table, targets = loss_inputs(p)
    assert_same(model.scores(states, table, 2.0), model.scores(states, table, 1.0) / 2)
    assert abs(model.cross_entropy(states[:, 0], table, targets, 1e9) - math.log(p.V)) < 1e-6


@holds
def cross_entropy_ignores_a_shift_of_all_items(model, p):
    """Adding one vector to every row of the table changes all scores of a state by the same amount."""
    states, table, targets = loss_inputs(p)
    assert_same(model.cross_entropy(states[:, 0], table + p.normal("shift", p.D), targets, 0.7),
                model.cross_entropy(states[:, 0], table, targets, 0.7))


@holds
def the_user_is_the_mean_or_the_last_step(model, p):
    states = p.normal("states", 3, p.K + 1, p.D)
    assert_same(model.user_state(states[:, ::-1], True), model.user_state(states, True))
    assert_same(model.user_state(np.repeat(states[:, :1], p.K + 1, 1), True), states[:, 0])
    assert_same(model.user_state(states, False), states[:, -1])


@holds
def the_kl_term_is_positive_unless_steps_agree(model, p):
    """``(CE - ERL) / lambda`` is the mean divergence: 0 for equal states, more otherwise; lambda = 0 leaves CE."""
    states, table, targets = loss_inputs(p)
    plain = model.cross_entropy(states.mean(1), table, targets, 0.7)
    assert_same(model.erl_loss(states, table, targets, 0.7, 0.0), plain)
    assert plain - model.erl_loss(states, table, targets, 0.7, 0.5) > 1e-6
    equal = np.repeat(states[:, :1], p.K + 1, 1)
    plain = model.cross_entropy(equal[:, 0], table, targets, 0.7)
    assert_same(model.erl_loss(equal, table, targets, 0.7, 0.5), plain)


@holds
def the_kl_gradient_follows_the_first_distribution(model, p):
    """Minus lambda times d/dr of the mean over pairs of ``sum y_i (l_i - c_j)``, where c_j is constant."""
    states, table, targets = loss_inputs(p)
    M = p.K + 1

    def divergence(moving):
        first, second = (np.log(model.softmax(each @ table.T)) for each in (moving, states))
        pairs = [(np.exp(first[:, i]) * (first[:, i] - second[:, j])).sum(-1).mean()
                 for i in range(M) for j in range(M) if i != j]
        return sum(pairs) / len(pairs)

    direction = p.normal("direction", *states.shape)
    with_kl, without = (model.erl_loss_backward(1.0, states, table, targets, 1.0, weight)[0] for weight in (0.5, 0.0))
    expected = -0.5 * slope(lambda step: divergence(states + step * direction))
    assert_close(((with_kl - without) * direction).sum(), expected)


@holds
def info_nce_is_bounded_and_smallest_when_pairs_match(model, p):
    """At least 0, since the pair itself is in the sum; log P for equal states; 0 for matching, far-apart pairs."""
    P = p.B * p.T + 1
    noised, clean = p.normal("noised", P, p.D), p.normal("clean", P, p.D)
    assert model.info_nce(noised, clean, 0.7) > 0
    equal = np.ones((P, p.D))
    assert_same(model.info_nce(equal, equal, 0.7), np.float64(math.log(P)))
    apart = 50 * np.eye(P)
    assert 0 <= model.info_nce(apart, apart, 0.7) < 1e-9


@holds
def info_nce_leaves_out_positions_of_the_same_history(model, p):
    """With one group for all, nothing is left to contrast with; with groups of one, everything is left."""
    P = p.B * p.T + 1
    noised, clean = p.normal("noised", P, p.D), p.normal("clean", P, p.D)
    assert_same(model.info_nce(noised, clean, 0.7, np.zeros(P, dtype=int)), np.float64(0.0))
    assert_same(model.info_nce(noised, clean, 0.7, np.arange(P)), model.info_nce(noised, clean, 0.7))


@holds
def prl_is_the_sum_of_its_parts(model, p):
    states, table, targets = loss_inputs(p)
    noised, groups = p.normal("noised", p.B * p.T, p.K, p.D), np.repeat(np.arange(p.B), p.T)
    losses = [model.cross_entropy(states[:, k], table, targets, 0.7 * 1.5 ** (p.K - k)) for k in range(p.K + 1)]
    contrast = [model.info_nce(noised[:, k], states[:, k + 1], 0.7, groups) for k in range(p.K)]
    assert_same(model.prl_loss(states, table, targets, 0.7, 1.5, 0.0), losses[-1])
    assert_same(model.prl_loss(states, table, targets, 0.7, 1.5, 0.8), losses[-1] + 0.8 * np.mean(losses[:-1]))
    assert_same(model.prl_loss(states, table, targets, 0.7, 1.5, 0.8, noised, 0.6, groups),
                losses[-1] + 0.8 * np.mean(losses[:-1]) + 0.6 * np.mean(contrast))


@holds
def a_mixture_of_one_state_is_that_state(model, p):
    """Equal states are mixed into themselves whatever the gate says, and a closed gate leaves one of different ones."""
    states, table, targets = loss_inputs(p)
    logits = p.normal("logits", *states.shape[:2])
    equal, closed = np.repeat(states[:, :1], p.K + 1, 1), np.where(np.arange(p.K + 1) == 0, 0.0, -1e3) + 0 * logits
    expected = model.cross_entropy(states[:, 0], table, targets, 0.7)
    assert_same(model.mixture_loss(equal, logits, table, targets, 0.7), expected)
    assert_same(model.mixture_loss(states, closed, table, targets, 0.7), expected)


@holds
def a_mixture_averages_probabilities(model, p):
    """Not their logarithms: ``sum_k g_k y_k``, whose logarithm at the target is the loss."""
    states, table, targets = loss_inputs(p)
    logits = p.normal("logits", *states.shape[:2])
    powers, gate = np.exp(states @ table.T / 0.7), np.exp(logits)  # [P, M, V] and [P, M]
    shares = powers / powers.sum(-1, keepdims=True)
    mixed = (gate[..., None] * shares).sum(1) / gate.sum(1, keepdims=True)
    assert_same(np.exp(model.mixture_scores(states, logits, table, 0.7)), mixed)
    expected = -np.log(mixed[np.arange(len(mixed)), targets]).mean()
    assert_same(model.mixture_loss(states, logits, table, targets, 0.7), expected)


@holds
def each_step_of_a_gate_speaks_for_its_own_state(model, p):
    states, rows = p.normal("states", 3, p.K + 1, p.D), p.normal("rows", p.K + 1, p.D)
    alone = [states[:, k] @ rows[k] + 0.1 * k for k in range(p.K + 1)]
    assert_same(model.gate_logits(states, rows, 0.1 * np.arange(p.K + 1)), np.stack(alone, 1))


@holds
def drawing_every_item_once_gives_the_full_loss(model, p):
    states, table, targets = loss_inputs(p)
    everything = Negatives(np.arange(p.V), np.zeros(p.V))
    assert_same(model.sampled_softmax(states[:, 0], table, targets, 0.7, everything),
                model.cross_entropy(states[:, 0], table, targets, 0.7))
    assert_same(model.sampled_ensemble_backward(2.0, states, table, targets, 0.7, 0.5, everything),
                model.erl_loss_backward(2.0, states, table, targets, 0.7, 0.5))


@holds
def drawing_every_item_as_often_as_expected_gives_the_full_loss(model, p):
    """An item that a draw expects, and brings, twice counts once in the corrected sum."""
    states, table, targets = loss_inputs(p)
    often = 1 + np.arange(p.V) % 3
    drawn = Negatives(np.repeat(np.arange(p.V), often), np.log(np.repeat(often, often)))
    assert_same(model.sampled_softmax(states[:, 0], table, targets, 0.7, drawn),
                model.cross_entropy(states[:, 0], table, targets, 0.7))


@holds
def gbce_weights_the_target_alone(model, p):
    """``(N + 1) gbce`` is the binary cross-entropy of all candidates, the target's times beta."""
    states, table, targets = loss_inputs(p)
    chances = 1 / (1 + np.exp(-states[:, 0] @ table.T / 0.7))  # [P, V]
    hit = np.arange(p.V) == targets[:, None]
    expected = np.where(hit, -0.3 * np.log(chances), -np.log(1 - chances)).sum(1).mean() / (p.V + 1)
    found = model.gbce(states[:, 0], table, targets, 0.7, Negatives(np.arange(p.V), np.zeros(p.V), 0.3))
    assert_same(found, expected)


@holds
def without_steps_every_method_is_the_base(model, p):
    weights = {name: part for name, part in p.weights.items() if name != "reasoning_embedding"}
    r0, _ = model.encode(weights, p.items, p.H)
    states, noised = model.all_prefix_states(weights, p.items, 0, p.H)
    assert noised is None
    assert_same(states[:, :, 0], r0)
    rows, table, targets = states.reshape(-1, 1, p.D), table_of(p), p.targets.reshape(-1)
    base = model.cross_entropy(rows[:, 0], table, targets, 0.7)
    gate = p.normal("logits", len(rows), 1)
    for loss in (model.last_step_loss(rows, table, targets, 0.7), model.erl_loss(rows, table, targets, 0.7, 0.5),
                 model.prl_loss(rows, table, targets, 0.7, 1.5, 0.8, None, 0.6),
                 model.mixture_loss(rows, gate, table, targets, 0.7)):
        assert_same(loss, base)


@holds
def first_items_are_further_positions(model, p):
    """The loss is the mean over all positions and as many with the state of the empty history as there are targets."""
    states, table, targets = loss_inputs(p)
    empty, firsts = p.normal("empty", p.D), p.integers("firsts", 0, p.V, 3)
    together = np.concatenate([states[:, 0], np.tile(empty, (3, 1))])
    loss = model.cross_entropy(states[:, 0], table, targets, 0.7)
    for count in (0, 3):
        found = model.with_first_items(loss, len(targets), empty, table, firsts[:count], 0.7)
        rows = slice(len(targets) + count)
        assert_same(found, model.cross_entropy(together[rows], table, np.concatenate([targets, firsts])[rows], 0.7))


def training_gradient(model, p, method, noise, prefixes=False, positions="absolute", firsts=None):
    """Compare the gradient of a training loss along a random direction of all weights, derived and measured.

    With ``prefixes`` the backbone is bert4rec, and every row one prefix.
    """
    objective = ObjectiveConfig(method=method, temperature=0.7, alpha=1.5, kl_weight=0.0)
    counted, targets, more = np.arange(p.T) < p.lengths[:, None], p.targets, {"ends": p.lengths, "firsts": firsts}
    if prefixes:
        counted, targets = counted[:, :1], targets[:, :1]
        more = {"backbone": "bert4rec", "lengths": p.lengths}

    def call(weights):
        return model.loss_and_gradients(weights, p.items, targets, counted, p.K, p.H, objective, noise, p.drop, **more)

    weights, other = ({**one.weights_with_positions(positions, 1 + prefixes), **one.own_weights(method)}
                      for one in (p, replace(p, seed=p.seed + 1)))
    if firsts is not None:
        weights, other = ({**one, "empty_state": p.normal(name, p.D)} for name, one in zip("ab", (weights, other),
                                                                                        strict=True))
    _, gradients = call(weights)
    derived = sum((leaf * flatten(other)[name]).sum() for name, leaf in flatten(gradients).items())
    measured = slope(lambda step: call(combine(lambda w, u: w + step * u, weights, other))[0])
    assert_close(derived, measured)


@holds
def training_gradients_match_differences(model, p):
    training_gradient(model, p, "prl", p.noise)
    training_gradient(model, replace(p, dropped=True), "erl", None)
    training_gradient(model, p, "gate", None)
    training_gradient(model, replace(p, dropped=True), "prl", p.noise[:, :1], prefixes=True)
    for positions in ("recency", "relative"):
        training_gradient(model, p, "erl", None, positions=positions, firsts=p.items[:, 0])
        training_gradient(model, p, "erl", None, prefixes=True, positions=positions)
