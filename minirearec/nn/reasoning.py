"""The reasoning loop: the last state becomes the next input, K times, in PyTorch.

Twin: ``minirearec.reference.reasoning``. Source: paper section 3.2.
"""

import torch
from torch import Tensor

from minirearec.nn.attention import merge_heads, reasoning_attention
from minirearec.nn.backbones.blocks import finish_block, input_layer, project
from minirearec.nn.encoding import first_states
from minirearec.nn.positions import distance_bias


def reasoning_step(weights: dict, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
                   drop=None, site: str = "") -> tuple[Tensor, list]:
    """Pass one more position through the encoder, after the items and the earlier steps of its prefix.

    Shapes: x [B, Q, D], the reasoning input r_{k-1} + p_k; item_cache: per block keys and values
    [B, H, T, D/H]; step_cache: per block keys and values [B, H, Q, k-1, D/H], or an empty list at the
    first step; mask [1 or B, 1, Q, T]. Returns r_k [B, Q, D] and the step cache with this step appended.
    Twin: ``reference.reasoning.reasoning_step``.
    """
    x, grown = input_layer(weights, x, drop, site), []
    k = 1 + (step_cache[0][0].shape[3] if step_cache else 0)
    bias = distance_bias(weights, mask[:, 0].sum(-1) - 1, mask.shape[-1], k)
    for index, block in enumerate(weights["blocks"]):
        query, key, value = project(block, x, heads)
        step_key, step_value = key[:, :, :, None], value[:, :, :, None]  # [B, H, Q, 1, D/H]
        if step_cache:
            step_key = torch.cat([step_cache[index][0], step_key], 3)
            step_value = torch.cat([step_cache[index][1], step_value], 3)
        place, (item_key, item_value) = f"{site}block{index}.", item_cache[index]
        mixed = reasoning_attention(query, item_key, item_value, step_key, step_value, mask, drop, place, bias)
        x = finish_block(block, x, merge_heads(mixed), drop, place)
        grown.append((step_key, step_value))
    return x, grown


def reason(weights: dict, state: Tensor, item_cache: list, mask: Tensor, steps: int, heads: int, noise=None,
           drop=None) -> tuple[Tensor, Tensor | None]:
    """Take K latent reasoning steps: ``r_k = encoder(r_{k-1} + p_k | items, steps before k)``.

    With ``noise``, every step is repeated from the noised input ``r_{k-1} + p_k + noise_k``, where r_{k-1}
    is the *clean* state; the noised pass keeps its own step cache. A model without "reasoning_embedding"
    has p_k = 0 (the naive variant).

    Shapes: state r_0 [B, Q, D]; item_cache and mask as in reasoning_step; noise [B, Q, K, D] or None.
    Returns states r_0..r_K [B, Q, K+1, D] and the noised states of steps 1..K [B, Q, K, D] or None.
    Source: paper sections 3.2 and 3.4. Twin: ``reference.reasoning.reason``.
    """
    states, noised, clean_cache, noised_cache = [state], [], [], []
    for k in range(steps):
        x = states[-1]
        if "reasoning_embedding" in weights:
            x = x + weights["reasoning_embedding"][k]
        state, clean_cache = reasoning_step(weights, x, item_cache, clean_cache, mask, heads, drop, f"step{k + 1}.")
        states.append(state)
        if noise is not None:
            state, noised_cache = reasoning_step(weights, x + noise[:, :, k], item_cache, noised_cache, mask, heads,
                                                 drop, f"noised{k + 1}.")
            noised.append(state)
    return torch.stack(states, 2), torch.stack(noised, 2) if noised else None


def all_prefix_states(weights: dict, items: Tensor, steps: int, heads: int, noise=None, drop=None,
                      backbone: str = "sasrec") -> tuple[Tensor, Tensor | None]:
    """Return the reasoning states of every prefix of every history, in one pass, with a causal backbone.

    Under the causal mask, the state of position i depends only on items up to i, so encoding a history
    once gives r_0 of all its prefixes; all positions then take their reasoning steps together.

    Shapes: items [B, T], noise [B, T, K, D] or None; states [B, T, K+1, D], noised [B, T, K, D] or None.
    Twin: ``reference.reasoning.all_prefix_states``.
    """
    state, cache, mask = first_states(weights, items, None, heads, drop, backbone)
    return reason(weights, state, cache, mask, steps, heads, noise, drop)


def last_states(weights: dict, items: Tensor, lengths: Tensor, steps: int, heads: int, noise=None, drop=None,
                backbone: str = "sasrec") -> tuple[Tensor, Tensor | None]:
    """Return the reasoning states of whole histories: only the last position reasons.

    Used for recommending, and for training a backbone that is not causal, where each history is one prefix.

    Shapes: items [B, T] padded on the right, lengths [B] at least 1, noise [B, 1, K, D] or None;
    states [B, 1, K+1, D], noised [B, 1, K, D] or None. Twin: ``reference.reasoning.last_states``.
    """
    state, cache, mask = first_states(weights, items, lengths, heads, drop, backbone)
    return reason(weights, state, cache, mask, steps, heads, noise, drop)
