"""Properties of the elementary operations, attention and Adam."""

from statistics import NormalDist

import numpy as np

from tests.compare import assert_same
from tests.reference.registry import holds


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
def unit_vectors_have_length_one_and_keep_their_direction(model, p):
    x = p.normal("x", p.B, p.T, p.D)
    y = model.unit(x)
    assert_same((y * y).sum(-1), np.ones((p.B, p.T)))
    assert_same(model.unit(0.01 * x), y)
    assert_same(model.unit(np.zeros(p.D)), np.zeros(p.D))


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
