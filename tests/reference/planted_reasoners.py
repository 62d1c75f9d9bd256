"""Planted bugs of reasoners; see ``planted``."""

import numpy as np

from minirearec.reference.ops import softmax
from tests.reference.planted import Bug
from tests.reference.wrong import after, before, instead, mask_shows_the_next_item


def encoders_norm_stays(weights):
    return {**weights, "blocks": weights["reasoning_blocks"]}


def without_residual(block, x, name):
    if "adapters" not in block:
        return x
    adapter = block["adapters"][name]
    narrow = x @ adapter["down"]["weight"].T + adapter["down"]["bias"]
    return np.maximum(narrow, 0) @ adapter["up"]["weight"].T + adapter["up"]["bias"]


def no_gradient_of_the_residual(right):
    def wrong(grad_out, block, x, name):
        gradients, grad_x = right(grad_out, block, x, name)
        return gradients, grad_x - grad_out if gradients else grad_x

    return wrong


def gate_turned_round(right):
    return lambda weights, state, output: state + output - right(weights, state, output)


def gate_ignores_the_state(right):
    return lambda grad_out, weights, state, output: (
        right(grad_out, weights, state, output)[0], 0 * state, right(grad_out, weights, state, output)[2])


def worst_items(right):
    return lambda table, state, guesses, scores="dot": right(-table, state, guesses, scores)


def keys_are_constants(right):
    """Drop the gradients that reach table and state through the probabilities."""
    def wrong(grad_out, table, state, chosen, sharpness, scores="dot"):
        keys = table[chosen]
        grad_table, shares = np.zeros_like(table), softmax(sharpness * np.einsum("bqd,bqmd->bqm", state, keys))
        np.add.at(grad_table, chosen, shares[..., None] * grad_out[:, :, None])
        return grad_table, 0 * state, right(grad_out, table, state, chosen, sharpness, scores)[2]

    return wrong


def more_steps(weights, state, item_cache, mask, steps, *rest):
    return weights, state, item_cache, mask, max(1, steps), *rest


def all_items_see_all(right):
    """Let the items of a whole history see each other and its padding, where all of them take the steps."""
    def wrong(weights, items, lengths, heads, drop=None, backbone="sasrec", everywhere=False):
        state, cache, mask, kept = right(weights, items, lengths, heads, drop, backbone, everywhere)
        return state, cache, mask | np.True_ if everywhere else mask, kept

    return wrong


def streams_first(right):
    """Lay the streams out in another order than their masks."""
    def wrong(weights, x):
        B, Q, D = x.shape
        return right(weights, x).reshape(B, Q, -1, D).swapaxes(1, 2).reshape(B, -1, D)

    return wrong


AGAIN = "a_step_of_every_reasoner_equals_computing_everything_again"
BEGINS = "training_begins_as_with_the_shared_blocks"
GATE = "a_closed_gate_keeps_the_state_and_an_open_one_replaces_it"
GUESS = "one_guess_is_the_best_item_and_blunt_guesses_are_the_mean"
CORE = "lares_passes_all_items_through_its_core_again_and_again"
ALONE = "every_reasoner_gives_a_prefix_what_it_gets_alone"
BASE = "without_steps_every_reasoner_is_the_base"
GRADIENTS = "gradients_of_reasoners_match_differences"

REASONER_BUGS = [
    Bug("separate keeps the encoder's input norm",
        {"reasoners.separate.own_weights": instead(encoders_norm_stays)}, {AGAIN, GRADIENTS}),
    Bug("the separate blocks are in reverse order",
        {"reasoners.separate.own_weights": after(lambda own: {**own, "blocks": own["blocks"][::-1]})},
        {AGAIN, BEGINS, GRADIENTS}),
    Bug("an adapter has no residual",
        {"backbones.blocks.adapted": instead(without_residual)}, {BEGINS, GRADIENTS}),
    Bug("the gradient of an adapter's residual is dropped",
        {"backbones.blocks.adapted_backward": no_gradient_of_the_residual}, {GRADIENTS}),
    Bug("the gate keeps what it should replace",
        {"reasoners.gru.gated": gate_turned_round}, {AGAIN, GATE, GRADIENTS}),
    Bug("the state receives no gradient through the gate and beside it",
        {"reasoners.gru.gated_backward": gate_ignores_the_state}, {GRADIENTS}),
    Bug("the guess is of the worst items",
        {"reasoners.items.best_items": worst_items}, {AGAIN, GUESS}),
    Bug("the probabilities of the guess are constants",
        {"reasoners.items.expected_item_backward": keys_are_constants}, {GRADIENTS}),
    Bug("all streams are the same",
        {"reasoners.paths.spread": instead(lambda weights, x: x.repeat(len(weights["path_embedding"]), 1))},
        {AGAIN, GRADIENTS}),
    Bug("a stream has the mask of another position",
        {"reasoners.paths.spread": streams_first}, {ALONE, "no_reasoner_looks_ahead", GRADIENTS}),
    Bug("only the first stream passes a gradient to the state",
        {"reasoners.paths.spread_backward": after(lambda found: (found[0], 0 * found[1]))}, {GRADIENTS}),
    Bug("lares forgets what the encoder read",
        {"reasoners.lares._joined": instead(lambda x, read: x)}, {CORE, GRADIENTS}),
    Bug("lares joins the state before instead of what the encoder read",
        {"reasoners.lares._read_once": instead(lambda step_cache, state: state)}, {CORE, GRADIENTS}),
    Bug("items that take the steps see padding and later items",
        {"encoding.first_keeping": all_items_see_all}, {ALONE, CORE, "no_reasoner_looks_ahead"}),
    Bug("the causal mask shows the next item",
        {"attention.causal_mask": instead(mask_shows_the_next_item)}, {AGAIN, ALONE, BASE, "no_reasoner_looks_ahead"}),
    Bug("K = 0 still takes a step",
        {"reasoning.reason_keeping": before(more_steps)}, {BASE}),
]
