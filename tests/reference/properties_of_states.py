"""Properties of the encoder and of the reasoning loop."""

import numpy as np

from minirearec.parts import POSITIONS
from tests.compare import assert_same
from tests.reference.registry import holds, table_of


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
    """Attention over one-hot values returns its weights: positive up to the diagonal, 0 beyond it."""
    query, key = p.normal("q", 1, 1, p.T, p.d), p.normal("k", 1, 1, p.T, p.d)
    weights = model.attention(query, key, np.eye(p.T)[None, None], model.causal_mask(p.T))[0, 0]
    assert np.all((weights > 0) == (np.arange(p.T) <= np.arange(p.T)[:, None]))


@holds
def all_prefixes_at_once_equal_each_prefix_alone(model, p):
    for weights in (p.weights, p.weights_with_positions("relative")):
        states, noised = model.all_prefix_states(weights, p.items, p.K, p.H, p.noise)
        for length in range(1, p.T + 1):
            alone = model.last_states(weights, p.items[:, :length], np.full(p.B, length), p.K, p.H,
                                      p.noise[:, length - 1:length])
            assert_same((states[:, length - 1:length], noised[:, length - 1:length]), alone)


@holds
def padding_changes_nothing(model, p):
    padding = p.integers("padding", 0, p.V, p.B, 2)
    lengths = np.full(p.B, p.T)
    for weights in map(p.weights_with_positions, POSITIONS):
        longer = model.last_states(weights, np.concatenate([p.items, padding], 1), lengths, p.K, p.H)
        assert_same(longer, model.last_states(weights, p.items, lengths, p.K, p.H))


@holds
def the_order_of_a_batch_plays_no_role(model, p):
    order = np.random.default_rng(p.seed).permutation(p.B)
    states, noised = model.all_prefix_states(p.weights, p.items, p.K, p.H, p.noise)
    shuffled = model.all_prefix_states(p.weights, p.items[order], p.K, p.H, p.noise[order])
    assert_same((states[order], noised[order]), shuffled)


@holds
def the_numbering_of_items_does_not_matter(model, p):
    """If item v becomes renamed[v] in histories, targets and table, states and loss stay the same."""
    renamed = np.random.default_rng(p.seed).permutation(p.V)
    weights = {**p.weights, "item_embedding": table_of(p)[np.argsort(renamed)]}
    states, _ = model.all_prefix_states(p.weights, p.items, p.K, p.H)
    others, _ = model.all_prefix_states(weights, renamed[p.items], p.K, p.H)
    assert_same(states, others)
    rows, targets = states.reshape(-1, p.K + 1, p.D), p.targets.reshape(-1)
    assert_same(model.erl_loss(rows, table_of(p), targets, 0.7, 0.2),
                model.erl_loss(rows, weights["item_embedding"], renamed[targets], 0.7, 0.2))


def without_cache(model, p, weights, inputs, both_ways):
    """Return the encoder's last output over the items and ``inputs`` [B, k, D] as ordinary further positions.

    With ``both_ways`` items see all items, and no input (prefix masking).
    """
    x = model.add_positions(weights, weights["item_embedding"][p.items])
    x = model.input_layer(weights, np.concatenate([x, *inputs], 1))
    mask = np.tri(x.shape[1], dtype=bool)[None, None]
    mask[:, :, :p.T, :p.T] |= both_ways
    bias = model.distance_bias(weights, np.arange(x.shape[1])[None], x.shape[1])
    for block in weights["blocks"]:
        query, key, value = model.project(block, x, p.H)
        x = model.finish_block(block, x, model.merge_heads(model.attention(query, key, value, mask, bias=bias)))
    return x[:, -1:]


@holds
def the_cache_equals_computing_everything_again(model, p):
    """Step k over the cache is position T+k of a longer sequence; the noised steps form a separate sequence."""
    lengths, noise = np.full(p.B, p.T), p.noise[:, -1:]
    for backbone, both_ways, positions in (("sasrec", False, "absolute"), ("bert4rec", True, "absolute"),
                                           ("sasrec", False, "relative"), ("bert4rec", True, "relative")):
        weights = p.weights_with_positions(positions, 1 + both_ways)
        states, noised = model.last_states(weights, p.items, lengths, p.K, p.H, noise, backbone=backbone)
        assert_same(states[:, :, 0], without_cache(model, p, weights, [], both_ways))
        clean_inputs, noised_inputs = [], []
        for k in range(p.K):
            clean = states[:, :, k] + p.weights["reasoning_embedding"][k]
            clean_inputs.append(clean)
            noised_inputs.append(clean + noise[:, :, k])
            assert_same(states[:, :, k + 1], without_cache(model, p, weights, clean_inputs, both_ways))
            assert_same(noised[:, :, k], without_cache(model, p, weights, noised_inputs, both_ways))


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
