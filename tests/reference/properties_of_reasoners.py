"""Properties of all reasoners: what a step computes, sees and starts from."""

from dataclasses import replace

import numpy as np

from minirearec.config import ModelConfig, ObjectiveConfig
from minirearec.parts import BACKBONES, REASONERS, Reasoning
from minirearec.weights import combine, draw, flatten, nest, starts
from tests.compare import assert_same
from tests.reference.registry import assert_close, holds_for_reasoners, slope, table_of

MOST = 3  # guesses


def reasonings(p):
    """Yield every reasoner with weights for it."""
    for name in REASONERS:
        yield Reasoning(name, guesses=MOST, scores=("dot", "cosine")[p.seed % 2]), p.weights_of_steps(name)


def everything(model, p, weights, reasoning, lengths=None, backbone="sasrec", items=None):
    """Return the states of all prefixes, or with lengths of whole histories."""
    items = p.items if items is None else items
    if lengths is None:
        return model.all_prefix_states(weights, items, p.K, p.H, reasoning=reasoning)[0]
    return model.last_states(weights, items, lengths, p.K, p.H, backbone=backbone, reasoning=reasoning)[0]


@holds_for_reasoners
def no_reasoner_looks_ahead(model, p):
    for reasoning, weights in reasonings(p):
        states = everything(model, p, weights, reasoning)
        for cut in range(1, p.T):
            items = p.items
            items[:, cut:] = (items[:, cut:] + 1) % p.V
            assert_same(everything(model, p, weights, reasoning, items=items)[:, :cut], states[:, :cut])


@holds_for_reasoners
def every_reasoner_gives_a_prefix_what_it_gets_alone(model, p):
    """In one pass over all prefixes, in a batch with padding, and by itself."""
    for reasoning, weights in reasonings(p):
        for backbone in BACKBONES:
            together = everything(model, p, weights, reasoning, p.lengths, backbone)
            for row, length in enumerate(p.lengths):
                alone = everything(model, p, weights, reasoning, np.array([length]), backbone, p.items[[row], :length])
                assert_same(together[[row]], alone)
                if backbone == "sasrec":
                    assert_same(everything(model, p, weights, reasoning)[[row], length - 1], alone[:, 0])


@holds_for_reasoners
def without_steps_every_reasoner_is_the_base(model, p):
    for reasoning, weights in reasonings(p):
        for backbone in BACKBONES:
            states = model.last_states(weights, p.items, p.lengths, 0, p.H, backbone=backbone, reasoning=reasoning)[0]
            first, *_ = model.first_states(p.weights, p.items, p.lengths, p.H, None, backbone)
            assert_same(states, first[:, :, None])


def blocks_of_steps(model, reasoning, weights):
    """Return the input norm and the blocks that steps pass through."""
    if "reasoning_blocks" in weights:
        return weights["reasoning_norm"], weights["reasoning_blocks"]
    if "adapters" in weights:
        return weights["input_norm"], [{**block, "adapters": own}
                                       for block, own in zip(weights["blocks"], weights["adapters"], strict=True)]
    return weights["input_norm"], weights["blocks"]


def without_cache(model, p, weights, reasoning, inputs, both_ways):
    """Pass items and ``inputs`` [B, k, D] through the blocks as one sequence; return the last state [B, 1, D]."""
    norm, blocks = blocks_of_steps(model, reasoning, weights)
    items = weights["item_embedding"][p.items] + weights["position_embedding"][:p.T]
    x = np.concatenate([model.layer_norm(items, **weights["input_norm"]),
                        model.layer_norm(np.concatenate(inputs, 1), **norm)], 1)
    mask = np.tri(x.shape[1], dtype=bool)[None, None]
    mask[:, :, :p.T, :p.T] |= both_ways
    for of_items, of_steps in zip(weights["blocks"], blocks, strict=True):
        parts = (of_items, x[:, :p.T]), (of_steps, x[:, p.T:])
        query, key, value = (np.concatenate(pair, 2) for pair in zip(
            *(model.project(block, part, p.H) for block, part in parts), strict=True))
        mixed = model.merge_heads(model.attention(query, key, value, mask))
        x = np.concatenate([model.finish_block(block, part, chosen) for (block, part), chosen in zip(
            parts, np.split(mixed, [p.T], 1), strict=True)], 1)
    return x[:, -1:]


def read_back(weights, state, reasoning):
    """Return the LayerNorm of the mean of the best items, one state at a time."""
    table, out = weights["item_embedding"], np.empty_like(state)
    for place in np.ndindex(state.shape[:2]):
        r, keys = state[place], table
        if reasoning.scores == "cosine":
            r, keys = r / np.linalg.norm(r), keys / np.linalg.norm(keys, axis=1, keepdims=True)
        best = np.argsort(keys @ r)[::-1][:reasoning.guesses]
        shares = np.exp(weights["sharpness"] * (keys[best] @ r))
        mean = shares @ table[best] / shares.sum()
        out[place] = ((mean - mean.mean()) / mean.std() * weights["guess_norm"]["weight"]
                      + weights["guess_norm"]["bias"])
    return out


@holds_for_reasoners
def a_step_of_every_reasoner_equals_computing_everything_again(model, p):
    """Steps over the cache are further positions of one long sequence; lares is excepted, see the next property."""
    for reasoning, weights in reasonings(p):
        if REASONERS[reasoning.name].everywhere:
            continue
        for backbone, both_ways in (("sasrec", False), ("bert4rec", True)):
            states = everything(model, p, weights, reasoning, np.full(p.B, p.T), backbone)[:, 0]
            inputs = []
            for k in range(p.K):
                state = states[:, [k]]
                x = state + weights["reasoning_embedding"][k]
                inputs.append(x + read_back(weights, state, reasoning) if "guess_norm" in weights else x)
                streams = [[one + mark for one in inputs] for mark in weights.get("path_embedding", [0])]
                reached = np.mean([without_cache(model, p, weights, reasoning, stream, both_ways)
                                   for stream in streams], 0)
                if "update_gate" in weights:
                    gate, ours = weights["update_gate"], np.concatenate([reached, state], -1)
                    z = 1 / (1 + np.exp(-(ours @ gate["weight"].T + gate["bias"])))
                    reached = z * reached + (1 - z) * state
                assert_same(states[:, [k + 1]], reached)


@holds_for_reasoners
def lares_passes_all_items_through_its_core_again_and_again(model, p):
    weights = p.weights_of_steps("lares")
    core = {**weights, "input_norm": weights["reasoning_norm"], "blocks": weights["reasoning_blocks"]}
    naive = {name: part for name, part in weights.items() if name != "reasoning_embedding"}
    for backbone, mask in (("sasrec", model.causal_mask(p.T)), ("bert4rec", np.ones((1, 1, 1, p.T), bool))):
        states = everything(model, p, naive, Reasoning("lares"), np.full(p.B, p.T), backbone)[:, 0]
        first, *_ = model.first_states(weights, p.items, np.full(p.B, p.T), p.H, None, backbone, True)
        x = first
        for k in range(p.K):
            x = model.layer_norm((x + first) / 2, **core["input_norm"])
            for block in core["blocks"]:
                mixed = model.attention(*model.project(block, x, p.H), mask)
                x = model.finish_block(block, x, model.merge_heads(mixed))
            assert_same(states[:, k + 1], x[:, -1])


@holds_for_reasoners
def training_begins_as_with_the_shared_blocks(model, p):
    """Copied blocks, adapters and a guess that begin at 0: the first states are those of ``shared``."""
    expected = everything(model, p, p.weights, Reasoning())
    for name in ("separate", "adapter", "items"):
        settings = ModelConfig(reasoner=name, steps=p.K, width=p.D, heads=p.H, inner_width=p.I, layers=p.L,
                               max_length=p.T + 2, adapter_width=2)
        begin = starts(settings, p.V)
        drawn = {**draw(begin, 0.5, p.seed), **flatten(p.weights)}
        drawn |= {path: drawn[start.like] for path, start in begin.items() if start.like}
        assert_same(everything(model, p, nest(drawn), Reasoning(name, guesses=MOST)), expected)


@holds_for_reasoners
def a_closed_gate_keeps_the_state_and_an_open_one_replaces_it(model, p):
    for bias, expected in ((1e3, everything(model, p, p.weights, Reasoning())), (-1e3, None)):
        weights = p.weights_of_steps("gru")
        weights["update_gate"] = {"weight": 0 * weights["update_gate"]["weight"], "bias": np.full(p.D, bias)}
        states = everything(model, p, weights, Reasoning("gru"))
        assert_same(states, states[:, :, :1].repeat(p.K + 1, 2) if expected is None else expected)


@holds_for_reasoners
def one_guess_is_the_best_item_and_blunt_guesses_are_the_mean(model, p):
    table, state = table_of(p), p.normal("state", p.B, p.T, p.D)
    best = (state @ table.T).argmax(-1)
    one = model.best_items(table, state, 1)
    assert (one[..., 0] == best).all()
    assert_same(model.expected_item(table, state, one, np.ones(1)), table[best])
    everyone = model.best_items(table, state, p.V + 1)
    assert_same(model.expected_item(table, state, everyone, np.zeros(1)), np.broadcast_to(table.mean(0), state.shape))


def losses_along(model, p, reasoning, weights, single):
    """Return a function from e to the loss at ``weights + e u`` and its gradients, and u: single prefixes or all."""
    objective, u = ObjectiveConfig(method="prl", temperature=0.7, alpha=1.5), replace(p, seed=p.seed + 1)
    u = u.weights_of_steps(reasoning.name)
    Q, more = (1, {"backbone": "bert4rec", "lengths": p.lengths}) if single else (p.T, {})
    counted = (np.arange(Q) < p.lengths[:, None])

    def call(e):
        moved = combine(lambda leaf, along: leaf + e * along, weights, u)
        return model.loss_and_gradients(moved, p.items, p.targets[:, :Q], counted, p.K, p.H, objective, p.noise[:, :Q],
                                        p.drop, reasoning=reasoning, **more)

    return call, flatten(u)


@holds_for_reasoners
def gradients_of_reasoners_match_differences(model, p):
    """With noise and dropout, all prefixes of a causal backbone, or single prefixes of the other."""
    p = replace(p, dropped=True)
    for place, (reasoning, weights) in enumerate(reasonings(p)):
        call, along = losses_along(model, p, reasoning, weights, (place + p.seed) % 2)
        derived = sum((leaf * along[name]).sum() for name, leaf in flatten(call(0.0)[1]).items())
        assert_close(derived, slope(lambda e, call=call: call(e)[0]))
