"""What must hold of any correct model, one function a property.

A property takes ``model``, a namespace of the reference's functions, and a Problem, and asserts. The same functions
run on the reference itself (test_properties) and on planted bugs (test_planted_bugs), which must not pass.
Problems have K >= 1. None of these compares with PyTorch: they say what the equations imply.
"""

import math
from dataclasses import replace
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np

from minirearec.config import ObjectiveConfig
from minirearec.weights import combine, flatten
from tests.compare import assert_same
from tests.strategies import Problem

PROPERTIES = {}


def holds(function):
    """Register a property under its name."""
    PROPERTIES[function.__name__] = function
    return function


def table_of(p: Problem) -> np.ndarray:
    return p.weights["item_embedding"]


def loss_inputs(p: Problem):
    """States [P, K+1, D] of P = B T positions, the table, and targets [P]."""
    return p.normal("states", p.B * p.T, p.K + 1, p.D), table_of(p), p.targets.reshape(-1)


# Elementary operations


@holds
def softmax_rows_sum_to_one(model, p):
    y = model.softmax(p.normal("x", p.B, p.T, p.V, scale=3.0))
    assert np.all(y >= 0)
    assert_same(y.sum(-1), np.ones((p.B, p.T)))


@holds
def softmax_ignores_a_shift_of_a_row(model, p):
    x, shift = p.normal("x", p.B, p.T, p.V), p.normal("shift", p.B, p.T, 1, scale=300.0)
    assert_same(model.softmax(x + shift), model.softmax(x))


@holds
def layer_norm_gives_mean_zero_and_variance_one(model, p):
    x = p.normal("x", p.B, p.T, p.D, scale=1000.0)
    y = model.layer_norm(x, np.ones(p.D), np.zeros(p.D))
    assert_same(y.mean(-1), np.zeros((p.B, p.T)))
    assert_same(y.var(-1), np.ones((p.B, p.T)))


@holds
def layer_norm_ignores_the_scale_of_its_input(model, p):
    x, scale, shift = p.normal("x", p.B, p.T, p.D), p.normal("w", p.D), p.normal("b", p.D)
    assert_same(model.layer_norm(1000 * x, scale, shift), model.layer_norm(100_000 * x, scale, shift))


@holds
def linear_at_zero_is_the_bias(model, p):
    assert_same(model.linear(np.zeros((p.T, p.D)), p.normal("w", p.I, p.D), p.normal("b", p.I)),
                np.repeat(p.normal("b", p.I)[None], p.T, 0))


@holds
def gelu_is_x_times_the_normal_distribution(model, p):
    x = p.normal("x", 40, scale=2.0)
    assert_same(model.gelu(x), np.array([value * NormalDist().cdf(value) for value in x]))


@holds
def dropout_repeats_itself_and_differs_between_sites(model, p):
    drop, x = model.Dropout(0.5, 0.5, p.seed), np.ones((8, 16))
    assert_same(drop(x, "step1.input"), model.Dropout(0.5, 0.5, p.seed)(x, "step1.input"))
    assert np.any(drop(x, "step1.input") != drop(x, "step2.input"))


@holds
def heads_are_slices_of_the_width(model, p):
    x = p.normal("x", p.B, p.T, p.D)
    split = model.split_heads(x, p.H)
    for head in range(p.H):
        assert_same(split[:, head], x[:, :, head * p.d:(head + 1) * p.d])
    assert_same(model.merge_heads(split), x)


@holds
def attention_of_doubled_width_is_scaled_down(model, p):
    """Queries and keys written twice side by side, times 2^(-1/4), give the same scores: 2 / sqrt(2) / sqrt(2)."""
    query, key, value = (p.normal(name, p.B, p.H, p.T, p.d) for name in ("q", "k", "v"))
    wide_query, wide_key = (np.concatenate([x, x], -1) * 2 ** -0.25 for x in (query, key))
    wide_value = np.concatenate([value, value], -1)
    mask = np.tri(p.T, dtype=bool)[None, None]
    out = model.attention(query, key, value, mask)
    assert_same(model.attention(wide_query, wide_key, wide_value, mask), np.concatenate([out, out], -1))


@holds
def adam_first_moves_by_the_learning_rate(model, p):
    """After one step m^ / sqrt(v^) is the sign of the gradient, whatever its size."""
    weights = {"w": p.normal("w", 5)}
    gradients = {"w": p.normal("g", 5) + 3}
    moved, _ = model.adam(weights, gradients, model.start_moments(weights), 1, 0.01, epsilon=0.0)
    assert_same(moved["w"], weights["w"] - 0.01 * np.sign(gradients["w"]))


# States


@holds
def a_later_item_changes_no_earlier_state(model, p):
    states, noised = model.all_prefix_states(p.weights, p.items, p.K, p.H, p.noise)
    for cut in range(1, p.T):
        items = p.items
        items[:, cut:] = (items[:, cut:] + 1) % p.V
        other, other_noised = model.all_prefix_states(p.weights, items, p.K, p.H, p.noise)
        assert_same((states[:, :cut], noised[:, :cut]), (other[:, :cut], other_noised[:, :cut]))


@holds
def a_position_sees_itself_and_what_came_before(model, p):
    """Attention to one-hot values returns its weights: positive up to the diagonal, 0 beyond it."""
    query, key = p.normal("q", 1, 1, p.T, p.d), p.normal("k", 1, 1, p.T, p.d)
    weights = model.attention(query, key, np.eye(p.T)[None, None], model.causal_mask(p.T))[0, 0]
    assert np.all((weights > 0) == (np.arange(p.T) <= np.arange(p.T)[:, None]))


@holds
def all_prefixes_at_once_equal_each_prefix_alone(model, p):
    states, noised = model.all_prefix_states(p.weights, p.items, p.K, p.H, p.noise)
    for length in range(1, p.T + 1):
        alone = model.last_states(p.weights, p.items[:, :length], np.full(p.B, length), p.K, p.H,
                                  p.noise[:, length - 1:length])
        assert_same((states[:, length - 1:length], noised[:, length - 1:length]), alone)


@holds
def padding_changes_nothing(model, p):
    padding = p.integers("padding", 0, p.V, p.B, 2)
    lengths = np.full(p.B, p.T)
    longer = model.last_states(p.weights, np.concatenate([p.items, padding], 1), lengths, p.K, p.H)
    assert_same(longer, model.last_states(p.weights, p.items, lengths, p.K, p.H))


@holds
def the_order_of_a_batch_plays_no_role(model, p):
    order = np.random.default_rng(p.seed).permutation(p.B)
    states, noised = model.all_prefix_states(p.weights, p.items, p.K, p.H, p.noise)
    shuffled = model.all_prefix_states(p.weights, p.items[order], p.K, p.H, p.noise[order])
    assert_same((states[order], noised[order]), shuffled)


@holds
def the_numbering_of_items_plays_no_role(model, p):
    """Item v becomes renamed[v] in histories, targets and table: the same states and loss."""
    renamed = np.random.default_rng(p.seed).permutation(p.V)
    weights = {**p.weights, "item_embedding": table_of(p)[np.argsort(renamed)]}
    states, _ = model.all_prefix_states(p.weights, p.items, p.K, p.H)
    others, _ = model.all_prefix_states(weights, renamed[p.items], p.K, p.H)
    assert_same(states, others)
    rows, targets = states.reshape(-1, p.K + 1, p.D), p.targets.reshape(-1)
    assert_same(model.erl_loss(rows, table_of(p), targets, 0.7, 0.2),
                model.erl_loss(rows, weights["item_embedding"], renamed[targets], 0.7, 0.2))


def without_cache(model, p, inputs):
    """The last output of the encoder over the items, then ``inputs`` [B, k, D] as ordinary further positions."""
    weights = p.weights
    x = weights["item_embedding"][p.items] + weights["position_embedding"][:p.T]
    x = model.input_layer(weights, np.concatenate([x, *inputs], 1))
    mask = np.tri(x.shape[1], dtype=bool)[None, None]
    for block in weights["blocks"]:
        query, key, value = model.project(block, x, p.H)
        x = model.finish_block(block, x, model.merge_heads(model.attention(query, key, value, mask)))
    return x[:, -1:]


@holds
def the_cache_equals_computing_everything_again(model, p):
    """Step k over the cache is position T+k of a longer sequence; the noised steps make a sequence of their own."""
    lengths, noise = np.full(p.B, p.T), p.noise[:, -1:]
    states, noised = model.last_states(p.weights, p.items, lengths, p.K, p.H, noise)
    assert_same(states[:, :, 0], without_cache(model, p, []))
    clean_inputs, noised_inputs = [], []
    for k in range(p.K):
        clean = states[:, :, k] + p.weights["reasoning_embedding"][k]
        clean_inputs.append(clean)
        noised_inputs.append(clean + noise[:, :, k])
        assert_same(states[:, :, k + 1], without_cache(model, p, clean_inputs))
        assert_same(noised[:, :, k], without_cache(model, p, noised_inputs))


@holds
def no_noise_gives_the_clean_states(model, p):
    states, noised = model.all_prefix_states(p.weights, p.items, p.K, p.H, 0 * p.noise)
    assert_same(noised, states[:, :, 1:])


@holds
def a_zero_reasoning_embedding_is_the_naive_variant(model, p):
    zero = {**p.weights, "reasoning_embedding": np.zeros((p.K, p.D))}
    naive = {name: part for name, part in p.weights.items() if name != "reasoning_embedding"}
    assert_same(model.all_prefix_states(zero, p.items, p.K, p.H, p.noise),
                model.all_prefix_states(naive, p.items, p.K, p.H, p.noise))


@holds
def a_reasoning_row_is_felt_from_its_step_on(model, p):
    states, _ = model.all_prefix_states(p.weights, p.items, p.K, p.H)
    for k in range(p.K):
        table = p.weights["reasoning_embedding"].copy()
        table[k] += p.normal("push", p.D)
        pushed, _ = model.all_prefix_states({**p.weights, "reasoning_embedding": table}, p.items, p.K, p.H)
        assert_same(pushed[:, :, :k + 1], states[:, :, :k + 1])
        assert np.abs(pushed[:, :, k + 1] - states[:, :, k + 1]).max() > 1e-6


@holds
def a_position_row_is_felt_from_its_place_on(model, p):
    states, _ = model.all_prefix_states(p.weights, p.items, p.K, p.H)
    for i in range(p.T):
        table = p.weights["position_embedding"].copy()
        table[i] += p.normal("push", p.D)
        pushed, _ = model.all_prefix_states({**p.weights, "position_embedding": table}, p.items, p.K, p.H)
        assert_same(pushed[:, :i], states[:, :i])
        assert np.abs(pushed[:, i] - states[:, i]).max() > 1e-6


# Objectives


@holds
def the_schedule_falls_to_tau(model, p):
    """tau_K = tau; each step is alpha times sharper; alpha = 1 is one temperature; softer for larger alpha."""
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
    """Adding one vector to every row of the table moves all scores of a state alike."""
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
    """Minus lambda times d/dr of the mean over pairs of ``sum y_i (l_i - c_j)``, where c_j stays put."""
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
    """At least 0, as the own pair is in the sum; log P when all states are equal; 0 for matching, far-apart pairs."""
    P = p.B * p.T + 1
    noised, clean = p.normal("noised", P, p.D), p.normal("clean", P, p.D)
    assert model.info_nce(noised, clean, 0.7) > 0
    equal = np.ones((P, p.D))
    assert_same(model.info_nce(equal, equal, 0.7), np.float64(math.log(P)))
    apart = 50 * np.eye(P)
    assert 0 <= model.info_nce(apart, apart, 0.7) < 1e-9


@holds
def info_nce_leaves_out_positions_of_the_same_history(model, p):
    """One group for all leaves nothing to contrast with; groups of one leave everything."""
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
def without_steps_every_method_is_the_base(model, p):
    weights = {name: part for name, part in p.weights.items() if name != "reasoning_embedding"}
    r0, _ = model.encode(weights, p.items, p.H)
    states, noised = model.all_prefix_states(weights, p.items, 0, p.H)
    assert noised is None
    assert_same(states[:, :, 0], r0)
    rows, table, targets = states.reshape(-1, 1, p.D), table_of(p), p.targets.reshape(-1)
    base = model.cross_entropy(rows[:, 0], table, targets, 0.7)
    for loss in (model.last_step_loss(rows, table, targets, 0.7), model.erl_loss(rows, table, targets, 0.7, 0.5),
                 model.prl_loss(rows, table, targets, 0.7, 1.5, 0.8, None, 0.6)):
        assert_same(loss, base)


# Gradients


def slope(function) -> float:
    """``d/de function(e)`` at 0, by five points."""
    h = 2e-5
    return (function(-2 * h) - 8 * function(-h) + 8 * function(h) - function(2 * h)) / (12 * h)


def assert_close(derived: float, measured: float) -> None:
    """For a number measured by differences: relative error 1e-6, beside the rounding of the differences."""
    assert abs(derived - measured) <= 1e-6 * abs(measured) + 1e-8, f"{derived} derived, {measured} measured"


def training_gradient(model, p, method, noise):
    """The gradient of a training loss along a random direction of all weights, derived and measured."""
    objective = ObjectiveConfig(method=method, temperature=0.7, alpha=1.5, kl_weight=0.0)
    counted = np.arange(p.T) < p.lengths[:, None]

    def call(weights):
        return model.loss_and_gradients(weights, p.items, p.targets, counted, p.K, p.H, objective, noise, p.drop)

    _, gradients = call(p.weights)
    other = replace(p, seed=p.seed + 1).weights
    derived = sum((leaf * flatten(other)[name]).sum() for name, leaf in flatten(gradients).items())
    measured = slope(lambda step: call(combine(lambda w, u: w + step * u, p.weights, other))[0])
    assert_close(derived, measured)


@holds
def training_gradients_match_differences(model, p):
    training_gradient(model, p, "prl", p.noise)
    training_gradient(model, replace(p, dropped=True), "erl", None)


def namespace(modules) -> SimpleNamespace:
    """All public names of the modules as they are now, in one namespace."""
    return SimpleNamespace(**{name: value for module in modules for name, value in vars(module).items()
                              if not name.startswith("_")})
