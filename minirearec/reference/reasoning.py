"""The reasoning loop: the last state becomes the next input, K times, with gradients.

Twin: ``minirearec.nn.reasoning``. Source: paper section 3.2.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import (
    merge_heads,
    merge_heads_backward,
    reasoning_attention,
    reasoning_attention_backward,
)
from minirearec.reference.backbones.blocks import (
    finish_block,
    finish_block_backward,
    input_layer,
    input_layer_backward,
    project,
    project_backward,
)
from minirearec.reference.encoding import first_keeping, first_way_back
from minirearec.reference.positions import distance_bias, distance_bias_backward
from minirearec.weights import add, combine


def reasoning_step(weights: dict, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
                   drop=None, site: str = "") -> tuple[ndarray, list]:
    """Pass one more position through the encoder, after the items and the earlier steps of its prefix.

    Shapes: x [B, Q, D], the reasoning input r_{k-1} + p_k; item_cache: per block keys and values
    [B, H, T, D/H]; step_cache: per block keys and values [B, H, Q, k-1, D/H], or an empty list at the
    first step; mask [1 or B, 1, Q, T]. Returns r_k [B, Q, D] and the step cache with this step appended.
    Twin: ``nn.reasoning.reasoning_step``.
    """
    state, grown, _ = _step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)
    return state, grown


def _step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site) -> tuple[ndarray, list, list]:
    """Take a reasoning_step, and keep each block's input, queries and attention output."""
    x, grown, kept = input_layer(weights, x, drop, site), [], []
    bias = distance_bias(weights, *_step_places(mask, 1 + (step_cache[0][0].shape[3] if step_cache else 0)))
    for index, block in enumerate(weights["blocks"]):
        query, key, value = project(block, x, heads)
        step_key, step_value = key[:, :, :, None], value[:, :, :, None]  # [B, H, Q, 1, D/H]
        if step_cache:
            step_key = np.concatenate([step_cache[index][0], step_key], 3)
            step_value = np.concatenate([step_cache[index][1], step_value], 3)
        place, (item_key, item_value) = f"{site}block{index}.", item_cache[index]
        mixed = reasoning_attention(query, item_key, item_value, step_key, step_value, mask, drop, place, bias)
        mixed = merge_heads(mixed)
        kept.append((x, query, mixed))
        grown.append((step_key, step_value))
        x = finish_block(block, x, mixed, drop, place)
    return x, grown, kept


def _step_places(mask: ndarray, k: int) -> tuple[ndarray, int, int]:
    """Return what ``positions.distance_bias`` reads of step k: the last place of each prefix [1 or B, Q], T and k."""
    return mask[:, 0].sum(-1) - 1, mask.shape[-1], k


def reasoning_step_backward(grad_out: tuple[ndarray, list], weights: dict, x: ndarray, item_cache: list,
                            step_cache: list, mask: ndarray, heads: int, drop=None,
                            site: str = "") -> tuple[dict, ndarray, list, list]:
    """Go back through the blocks from the last to the first.

    ``grad_out`` is the pair (dr_k [B, Q, D], and for each block the gradients of the grown step cache
    [B, H, Q, k, D/H], which later steps read). The step keys and values of a block receive gradients from this
    step's attention and from later steps. The last slice of the sum belongs to this step's own projections, the
    other k-1 slices to the cache from the steps before.
    Returns the gradients of the weights, of x, of the item cache and of the step cache.
    """
    _, grown, kept = _step_keeping(weights, x, item_cache, step_cache, mask, heads, drop, site)
    gradients = _step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept)
    return gradients if step_cache else (*gradients[:3], [])


def _step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept):
    """Run the second half of reasoning_step_backward, from the result of _step_keeping."""
    grad, grad_grown = grad_out
    places = _step_places(mask, grown[0][0].shape[3])
    bias = distance_bias(weights, *places)
    grad_bias: Any = None if bias is None else np.zeros_like(bias)
    grad_blocks: list[dict] = [{}] * len(kept)
    grad_items: list[tuple] = [()] * len(kept)
    grad_steps: list[tuple] = [()] * len(kept)
    for index in reversed(range(len(kept))):
        place, block, (inside, query, mixed) = f"{site}block{index}.", weights["blocks"][index], kept[index]
        finish, grad_inside, grad_mixed = finish_block_backward(grad, block, inside, mixed, drop, place)
        (item_key, item_value), (key, value) = item_cache[index], grown[index]
        grad_query, grad_key, grad_value, *grad_step, own_bias = reasoning_attention_backward(
            merge_heads_backward(grad_mixed, query), query, item_key, item_value, key, value, mask, drop, place, bias)
        grad_bias = None if bias is None else grad_bias + own_bias
        step_key, step_value = (own + later for own, later in zip(grad_step, grad_grown[index], strict=True))
        projected = grad_query, step_key[:, :, :, -1], step_value[:, :, :, -1]
        grad_projections, through = project_backward(projected, block, inside, heads)
        grad_blocks[index] = finish | grad_projections
        grad_items[index] = grad_key, grad_value
        grad_steps[index] = step_key[:, :, :, :-1], step_value[:, :, :, :-1]
        grad = grad_inside + through
    grad_input, grad_x = input_layer_backward(grad, weights, x, drop, site)
    grad_distances = distance_bias_backward(grad_bias, weights, *places)
    return {**grad_input, **grad_distances, "blocks": grad_blocks}, grad_x, grad_items, grad_steps


def reason(weights: dict, state: ndarray, item_cache: list, mask: ndarray, steps: int, heads: int, noise=None,
           drop=None) -> tuple[ndarray, ndarray | None]:
    """Take K latent reasoning steps: ``r_k = encoder(r_{k-1} + p_k | items, steps before k)``.

    With ``noise``, every step is repeated from the noised input ``r_{k-1} + p_k + noise_k``, where r_{k-1}
    is the *clean* state; the noised pass keeps its own step cache. A model without "reasoning_embedding"
    has p_k = 0 (the naive variant).

    Shapes: state r_0 [B, Q, D]; item_cache and mask as in reasoning_step; noise [B, Q, K, D] or None.
    Returns states r_0..r_K [B, Q, K+1, D] and the noised states of steps 1..K [B, Q, K, D] or None.
    Source: paper sections 3.2 and 3.4. Twin: ``nn.reasoning.reason``.
    """
    states, noised, _ = reason_keeping(weights, state, item_cache, mask, steps, heads, noise, drop)
    return states, noised


def reason_keeping(weights, state, item_cache, mask, steps, heads, noise=None, drop=None):
    """Reason, and keep for each pass its input, its grown step cache and what its blocks kept."""
    states, noised, kept, clean_cache, noised_cache = [state], [], [], [], []
    for k in range(steps):
        x = states[-1]
        if "reasoning_embedding" in weights:
            x = x + weights["reasoning_embedding"][k]
        state, clean_cache, blocks = _step_keeping(weights, x, item_cache, clean_cache, mask, heads, drop,
                                                   f"step{k + 1}.")
        states.append(state)
        kept.append({"clean": (x, clean_cache, blocks)})
        if noise is not None:
            shaken = x + noise[:, :, k]
            state, noised_cache, blocks = _step_keeping(weights, shaken, item_cache, noised_cache, mask, heads, drop,
                                                        f"noised{k + 1}.")
            noised.append(state)
            kept[k]["noised"] = shaken, noised_cache, blocks
    return np.stack(states, 2), np.stack(noised, 2) if noised else None, kept


def reason_backward(grad_out: tuple, weights: dict, state: ndarray, item_cache: list, mask: ndarray, steps: int,
                    heads: int, noise=None, drop=None) -> tuple[dict, ndarray, list, ndarray | None]:
    """Go back through time, from step K to step 1.

    ``grad_out`` is the pair (gradients of the states [B, Q, K+1, D], and of the noised states [B, Q, K, D] or
    None). Step k reads ``r_{k-1} + p_k`` (twice if there is noise), the keys and values of all items, and those of
    the steps before it. So ``dr_{k-1} = G_{k-1} + dx_k + dx'_k`` (x' is the noised input), ``dp_k`` is the same
    dx_k + dx'_k summed over B and Q, ``dnoise_k = dx'_k``, the item cache adds up the gradients of every pass, and
    the cached keys and values of a step receive gradients from later steps of the same pass (clean or noised).
    Returns the gradients of the weights, of r_0 [B, Q, D], of the item cache and of the noise.
    """
    *_, kept = reason_keeping(weights, state, item_cache, mask, steps, heads, noise, drop)
    return reason_way_back(grad_out, weights, item_cache, mask, heads, drop, kept)


def reason_way_back(grad_out: tuple[Any, Any], weights, item_cache, mask, heads, drop, kept):
    """Run the second half of reason_backward, from the result of reason_keeping."""
    grad_states, grad_noised = grad_out
    grad_weights = [{"reasoning_embedding": np.zeros_like(weights["reasoning_embedding"])}
                    if "reasoning_embedding" in weights else {}]
    grad_items = [combine(np.zeros_like, [list(pair) for pair in item_cache])]
    grad_noise: Any = np.zeros_like(grad_noised) if isinstance(grad_noised, ndarray) else None
    later = {}  # for each pass, the gradients of its step cache from the later steps
    grad_state = grad_states[:, :, -1]
    for k in reversed(range(len(kept))):
        total: Any = 0
        for name, (x, grown, blocks) in kept[k].items():
            arriving = grad_state if name == "clean" else grad_noised[:, :, k]
            site = f"step{k + 1}." if name == "clean" else f"noised{k + 1}."
            grad_grown = later.get(name) or [[np.zeros_like(part) for part in pair] for pair in grown]
            grad_step, grad_x, grad_item, later[name] = _step_way_back(
                (arriving, grad_grown), weights, x, item_cache, grown, mask, heads, drop, site, blocks)
            grad_weights.append(grad_step)
            grad_items.append([list(pair) for pair in grad_item])
            total = total + grad_x
            if name == "noised":
                grad_noise[:, :, k] = grad_x
        if "reasoning_embedding" in weights:
            grad_weights[0]["reasoning_embedding"][k] = total.sum((0, 1))
        grad_state = grad_states[:, :, k] + total
    return add(*grad_weights), grad_state, add(*grad_items), grad_noise


def all_prefix_states(weights: dict, items: ndarray, steps: int, heads: int, noise=None, drop=None,
                      backbone: str = "sasrec") -> tuple[ndarray, ndarray | None]:
    """Return the reasoning states of every prefix of every history, in one pass, with a causal backbone.

    Under the causal mask, the state of position i depends only on items up to i, so encoding a history
    once gives r_0 of all its prefixes; all positions then take their reasoning steps together.

    Shapes: items [B, T], noise [B, T, K, D] or None; states [B, T, K+1, D], noised [B, T, K, D] or None.
    Twin: ``nn.reasoning.all_prefix_states``.
    """
    return states_keeping(weights, items, None, steps, heads, noise, drop, backbone)[:2]


def all_prefix_states_backward(grad_out: tuple, weights: dict, items: ndarray, steps: int, heads: int, noise=None,
                               drop=None, backbone: str = "sasrec") -> tuple[dict, ndarray | None]:
    """Go back through the reasoning steps, then with the gradients of r_0 and of the item cache through the encoder.

    ``grad_out`` is the pair (gradients of the states [B, T, K+1, D], of the noised ones [B, T, K, D] or None).
    Returns the gradients of the weights and of the noise.
    """
    *_, kept = states_keeping(weights, items, None, steps, heads, noise, drop, backbone)
    return states_way_back(grad_out, weights, items, None, heads, drop, kept, backbone)


def last_states(weights: dict, items: ndarray, lengths: ndarray, steps: int, heads: int, noise=None, drop=None,
                backbone: str = "sasrec") -> tuple[ndarray, ndarray | None]:
    """Return the reasoning states of whole histories: only the last position reasons.

    Used for recommending, and for training a backbone that is not causal, where each history is one prefix.

    Shapes: items [B, T] padded on the right, lengths [B] at least 1, noise [B, 1, K, D] or None;
    states [B, 1, K+1, D], noised [B, 1, K, D] or None. Twin: ``nn.reasoning.last_states``.
    """
    return states_keeping(weights, items, lengths, steps, heads, noise, drop, backbone)[:2]


def last_states_backward(grad_out: tuple, weights: dict, items: ndarray, lengths: ndarray, steps: int, heads: int,
                         noise=None, drop=None, backbone: str = "sasrec") -> tuple[dict, ndarray | None]:
    """Go back as in all_prefix_states_backward, but dr_0 goes only to the last position of each history.

    ``grad_out`` is the pair (gradients of the states [B, 1, K+1, D], of the noised ones [B, 1, K, D] or None).
    """
    *_, kept = states_keeping(weights, items, lengths, steps, heads, noise, drop, backbone)
    return states_way_back(grad_out, weights, items, lengths, heads, drop, kept, backbone)


def states_keeping(weights, items, lengths, steps, heads, noise=None, drop=None, backbone="sasrec"):
    """Compute all_prefix_states, or with lengths last_states, and keep what the way back needs."""
    state, cache, mask, kept_blocks = first_keeping(weights, items, lengths, heads, drop, backbone)
    states, noised, kept_steps = reason_keeping(weights, state, cache, mask, steps, heads, noise, drop)
    return states, noised, (cache, mask, kept_blocks, kept_steps)


def states_way_back(grad_out, weights, items, lengths, heads, drop, kept, backbone="sasrec"):
    """Run the second half of all_prefix_states_backward or last_states_backward, from the result of states_keeping."""
    cache, mask, kept_blocks, kept_steps = kept
    grad_weights, *grad_first, grad_noise = reason_way_back(grad_out, weights, cache, mask, heads, drop, kept_steps)
    grad_encoder = first_way_back(grad_first, weights, items, lengths, heads, drop, cache, kept_blocks, backbone)
    return add(grad_encoder, grad_weights), grad_noise
