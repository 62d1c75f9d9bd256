"""The reasoning loop: the last state becomes the next input, K times, with gradients.

Twin: ``minirearec.nn.reasoning``. Source: paper section 3.2.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec import parts
from minirearec.parts import SHARED, Reasoning
from minirearec.reference.backbones.blocks import (
    at_last_positions,
    at_last_positions_backward,
    last_positions,
    last_positions_backward,
)
from minirearec.reference.encoding import first_keeping, first_way_back
from minirearec.reference.registries import REASONERS
from minirearec.reference.steps import reasoning_step as reasoning_step  # the whole loop is found here
from minirearec.reference.steps import reasoning_step_backward as reasoning_step_backward
from minirearec.weights import add, combine


def reason(weights: dict, state: ndarray, item_cache: list, mask: ndarray, steps: int, heads: int, noise=None,
           drop=None, reasoning: Reasoning = SHARED) -> tuple[ndarray, ndarray | None]:
    """Take K latent reasoning steps: ``r_k = step(r_{k-1} + p_k | items, steps before k)``.

    ``step`` is that of the reasoner, see ``reasoners``; by default the encoder itself (``shared``). With ``noise``,
    every step is repeated from the noised input ``r_{k-1} + p_k + noise_k``, where r_{k-1} is the *clean* state; the
    noised pass keeps its own step cache. A model without "reasoning_embedding" has p_k = 0 (the naive variant).

    Shapes: state r_0 [B, Q, D]; item_cache and mask as in reasoning_step; noise [B, Q, K, D] or None.
    Returns states r_0..r_K [B, Q, K+1, D] and the noised states of steps 1..K [B, Q, K, D] or None.
    Source: paper sections 3.2 and 3.4. Twin: ``nn.reasoning.reason``.
    """
    states, noised, _ = reason_keeping(weights, state, item_cache, mask, steps, heads, noise, drop, reasoning)
    return states, noised


def reason_keeping(weights, state, item_cache, mask, steps, heads, noise=None, drop=None, reasoning=SHARED):
    """Reason, and keep for each pass its input, its grown step cache and what its step kept."""
    step, states, noised, kept = REASONERS[reasoning.name].step_keeping, [state], [], []
    caches: dict[str, list] = {"step": [], "noised": []}
    for k in range(steps):
        state = x = states[-1]
        if "reasoning_embedding" in weights:
            x = x + weights["reasoning_embedding"][k]
        kept.append({"step": (x,)} if noise is None else {"step": (x,), "noised": (x + noise[:, :, k],)})
        for name, (given,) in kept[k].items():
            reached, caches[name], inside = step(weights, state, given, item_cache, caches[name], mask, heads, drop,
                                                 f"{name}{k + 1}.", reasoning)
            (states if name == "step" else noised).append(reached)
            kept[k][name] = given, caches[name], inside
    return np.stack(states, 2), np.stack(noised, 2) if noised else None, kept


def reason_backward(grad_out: tuple, weights: dict, state: ndarray, item_cache: list, mask: ndarray, steps: int,
                    heads: int, noise=None, drop=None,
                    reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, list, ndarray | None]:
    """Go back through time, from step K to step 1.

    ``grad_out`` is the pair (gradients of the states [B, Q, K+1, D], and of the noised states [B, Q, K, D] or None).
    Step k reads ``r_{k-1} + p_k`` (twice if there is noise), the keys and values of all items, and those of the steps
    before it; some reasoners read r_{k-1} itself, too. So ``dr_{k-1} = G_{k-1} + dx_k + dx'_k`` plus the gradient of
    that reading (x' is the noised input), ``dp_k = dx_k + dx'_k`` summed over B and Q, ``dnoise_k = dx'_k``, the item
    cache adds up the gradients of every pass, and cached steps receive gradients from later steps of the same pass
    (clean or noised). Returns the gradients of the weights, of r_0 [B, Q, D], of the item cache and of the noise.
    """
    *_, kept = reason_keeping(weights, state, item_cache, mask, steps, heads, noise, drop, reasoning)
    return reason_way_back(grad_out, weights, item_cache, mask, heads, drop, kept, reasoning)


def reason_way_back(grad_out: tuple[Any, Any], weights, item_cache, mask, heads, drop, kept, reasoning=SHARED):
    """Run the second half of reason_backward, from the result of reason_keeping."""
    (grad_states, grad_noised), way_back = grad_out, REASONERS[reasoning.name].step_way_back
    grad_weights = [{name: np.zeros_like(weights[name]) for name in ("reasoning_embedding",) if name in weights}]
    grad_items = [combine(np.zeros_like, [list(pair) for pair in item_cache])]
    grad_noise: Any = np.zeros_like(grad_noised) if isinstance(grad_noised, ndarray) else None
    later = {}  # for each pass, the gradients of its step cache from the later steps
    grad_state = grad_states[:, :, -1]
    for k in reversed(range(len(kept))):
        total: Any = 0  # of the inputs
        beside: Any = 0  # of r_{k-1}, beside the input
        for name, (x, grown, inside) in kept[k].items():
            arriving = grad_state if name == "step" else grad_noised[:, :, k]
            grad_grown = later.get(name) or [[np.zeros_like(part) for part in parts] for parts in grown]
            grad_step, grad_from, grad_x, grad_item, later[name] = way_back(
                (arriving, grad_grown), weights, x, item_cache, grown, mask, heads, drop, f"{name}{k + 1}.", inside,
                reasoning)
            grad_weights.append(grad_step)
            grad_items.append([list(pair) for pair in grad_item])
            total, beside = total + grad_x, beside + grad_from
            if name == "noised":
                grad_noise[:, :, k] = grad_x
        if "reasoning_embedding" in weights:
            grad_weights[0]["reasoning_embedding"][k] = total.sum((0, 1))
        grad_state = grad_states[:, :, k] + total + beside
    return add(*grad_weights), grad_state, add(*grad_items), grad_noise


def all_prefix_states(weights: dict, items: ndarray, steps: int, heads: int, noise=None, drop=None,
                      backbone: str = "sasrec", reasoning: Reasoning = SHARED) -> tuple[ndarray, ndarray | None]:
    """Return the reasoning states of every prefix of every history, in one pass, with a causal backbone.

    Encoding a history once gives r_0 of all its prefixes; all positions then take their reasoning steps together.

    Shapes: items [B, T], noise [B, T, K, D] or None; states [B, T, K+1, D], noised [B, T, K, D] or None.
    Twin: ``nn.reasoning.all_prefix_states``.
    """
    return states_keeping(weights, items, None, steps, heads, noise, drop, backbone, reasoning)[:2]


def all_prefix_states_backward(grad_out: tuple, weights: dict, items: ndarray, steps: int, heads: int, noise=None,
                               drop=None, backbone: str = "sasrec",
                               reasoning: Reasoning = SHARED) -> tuple[dict, ndarray | None]:
    """Go back through the steps, then with the gradients of r_0 and of the item cache through the encoder.

    ``grad_out`` is the pair (gradients of the states, of the noised ones). Returns those of the weights and the noise.
    """
    *_, kept = states_keeping(weights, items, None, steps, heads, noise, drop, backbone, reasoning)
    return states_way_back(grad_out, weights, items, None, heads, drop, kept, backbone, reasoning)


def last_states(weights: dict, items: ndarray, lengths: ndarray, steps: int, heads: int, noise=None, drop=None,
                backbone: str = "sasrec", reasoning: Reasoning = SHARED) -> tuple[ndarray, ndarray | None]:
    """Return the reasoning states of whole histories: of their last positions; see ``nn.reasoning.last_states``.

    Shapes: items [B, T] padded on the right, lengths [B] at least 1, noise [B, 1, K, D] or None;
    states [B, 1, K+1, D], noised [B, 1, K, D] or None. Twin: ``nn.reasoning.last_states``.
    """
    return states_keeping(weights, items, lengths, steps, heads, noise, drop, backbone, reasoning)[:2]


def last_states_backward(grad_out: tuple, weights: dict, items: ndarray, lengths: ndarray, steps: int, heads: int,
                         noise=None, drop=None, backbone: str = "sasrec",
                         reasoning: Reasoning = SHARED) -> tuple[dict, ndarray | None]:
    """Go back as in all_prefix_states_backward, but dr_0 goes only to the last position; gradients have Q = 1."""
    *_, kept = states_keeping(weights, items, lengths, steps, heads, noise, drop, backbone, reasoning)
    return states_way_back(grad_out, weights, items, lengths, heads, drop, kept, backbone, reasoning)


def states_keeping(weights, items, lengths, steps, heads, noise=None, drop=None, backbone="sasrec", reasoning=SHARED):
    """Compute all_prefix_states, or with lengths last_states, and keep what the way back needs."""
    everywhere = parts.REASONERS[reasoning.name].everywhere
    last = lengths if everywhere else None
    state, cache, mask, kept_blocks = first_keeping(weights, items, lengths, heads, drop, backbone, everywhere)
    if last is not None and noise is not None:
        noise = at_last_positions(noise, last, items.shape[1])
    states, noised, kept_steps = reason_keeping(weights, state, cache, mask, steps, heads, noise, drop, reasoning)
    kept = cache, mask, kept_blocks, kept_steps, states, noised
    if last is not None:
        return last_positions(states, last), None if noised is None else last_positions(noised, last), kept
    return states, noised, kept


def states_way_back(grad_out, weights, items, lengths, heads, drop, kept, backbone="sasrec", reasoning=SHARED):
    """Run the second half of all_prefix_states_backward or last_states_backward, from the result of states_keeping."""
    (cache, mask, kept_blocks, kept_steps, states, noised), (grad_states, grad_noised) = kept, grad_out
    everywhere = parts.REASONERS[reasoning.name].everywhere
    last = lengths if everywhere else None
    if last is not None:
        grad_states = last_positions_backward(grad_states, states, last)
        grad_noised = None if grad_noised is None else last_positions_backward(grad_noised, noised, last)
    grad_weights, *grad_first, grad_noise = reason_way_back((grad_states, grad_noised), weights, cache, mask, heads,
                                                            drop, kept_steps, reasoning)
    grad_encoder = first_way_back(grad_first, weights, items, lengths, heads, drop, cache, kept_blocks, backbone,
                                  everywhere)
    if last is not None and grad_noise is not None:
        grad_noise = at_last_positions_backward(grad_noise, noised, last, items.shape[1])
    return add(grad_encoder, grad_weights), grad_noise
