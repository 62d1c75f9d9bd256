"""The wrong functions behind the planted bugs of a backbone that is not causal, and of the way to the last state."""

import numpy as np

from minirearec.reference.attention import attention, merge_heads
from minirearec.reference.backbones import blocks
from minirearec.reference.positions import add_positions
from tests.reference.wrong import before


def other_masks(change):
    """Give items that see both ways another mask; that of a causal backbone has a row for each position."""
    def changed(weights, items, heads, mask, drop=None):
        if mask.shape[2] == 1:
            mask = np.broadcast_to(change(items.shape[1]), (1, 1, items.shape[1], items.shape[1]))
        return weights, items, heads, mask, drop

    return before(changed)


def positions_from_the_end(weights, items, *rest):
    if "position_embedding" in weights:
        weights = {**weights, "position_embedding": weights["position_embedding"][:items.shape[1]][::-1]}
    return weights, items, *rest


def last_column(x, lengths):
    return x[:, -1:]


def item_cache_ignored(grad_out, *rest):
    """Drop the gradient that keys and values of the items receive from the reasoning steps."""
    grad, grad_cache = grad_out
    return (grad, [[0 * part for part in pair] for pair in grad_cache]), *rest


def items_see_the_steps(right):
    """Compute items and steps of whole histories again for each step of bert4rec, without any mask."""
    def wrong(weights, items, lengths, steps, heads, noise=None, drop=None, backbone="sasrec", *rest):
        states, noised, kept = right(weights, items, lengths, steps, heads, noise, drop, backbone, *rest)
        if backbone == "bert4rec":
            for k in range(steps):
                x = add_positions(weights, weights["item_embedding"][items])
                x = np.concatenate([x, states[:, 0, :k + 1] + weights["reasoning_embedding"][:k + 1]], 1)
                x, everything = blocks.input_layer(weights, x), np.ones((1, 1, 1, x.shape[1]), bool)
                for block in weights["blocks"]:
                    query, key, value = blocks.project(block, x, heads)
                    x = blocks.finish_block(block, x, merge_heads(attention(query, key, value, everything)))
                states[:, 0, k + 1] = x[:, -1]
        return states, noised, kept

    return wrong
