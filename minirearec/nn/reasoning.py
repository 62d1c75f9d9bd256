"""The reasoning loop: the last state becomes the next input, K times, in PyTorch.

Twin: ``minirearec.reference.reasoning``. Source: paper section 3.2.
"""

import torch
from torch import Tensor

from minirearec import parts
from minirearec.nn.backbones.blocks import at_last_positions, last_positions
from minirearec.nn.encoding import first_states
from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step as reasoning_step  # the whole loop is found here
from minirearec.parts import SHARED, Reasoning


def reason(weights: dict, state: Tensor, item_cache: list, mask: Tensor, steps: int, heads: int, noise=None,
           drop=None, reasoning: Reasoning = SHARED) -> tuple[Tensor, Tensor | None]:
    """Take K latent reasoning steps: ``r_k = step(r_{k-1} + p_k | items, steps before k)``.

    ``step`` is that of the reasoner, see ``reasoners``; by default the encoder itself (``shared``). With ``noise``,
    every step is repeated from the noised input ``r_{k-1} + p_k + noise_k``, where r_{k-1} is the *clean* state; the
    noised pass keeps its own step cache. A model without "reasoning_embedding" has p_k = 0 (the naive variant).

    Shapes: state r_0 [B, Q, D]; item_cache and mask as in reasoning_step; noise [B, Q, K, D] or None.
    Returns states r_0..r_K [B, Q, K+1, D] and the noised states of steps 1..K [B, Q, K, D] or None.
    Source: paper sections 3.2 and 3.4. Twin: ``reference.reasoning.reason``.
    """
    step, states, noised, clean_cache, noised_cache = REASONERS[reasoning.name], [state], [], [], []
    for k in range(steps):
        x = state
        if "reasoning_embedding" in weights:
            x = x + weights["reasoning_embedding"][k]
        clean, clean_cache = step(weights, state, x, item_cache, clean_cache, mask, heads, drop, f"step{k + 1}.",
                                  reasoning)
        states.append(clean)
        if noise is not None:
            shaken, noised_cache = step(weights, state, x + noise[:, :, k], item_cache, noised_cache, mask, heads, drop,
                                        f"noised{k + 1}.", reasoning)
            noised.append(shaken)
        state = clean
    return torch.stack(states, 2), torch.stack(noised, 2) if noised else None


def all_prefix_states(weights: dict, items: Tensor, steps: int, heads: int, noise=None, drop=None,
                      backbone: str = "sasrec", reasoning: Reasoning = SHARED) -> tuple[Tensor, Tensor | None]:
    """Return the reasoning states of every prefix of every history, in one pass, with a causal backbone.

    Under the causal mask, the state of position i depends only on items up to i, so encoding a history
    once gives r_0 of all its prefixes; all positions then take their reasoning steps together.

    Shapes: items [B, T], noise [B, T, K, D] or None; states [B, T, K+1, D], noised [B, T, K, D] or None.
    Twin: ``reference.reasoning.all_prefix_states``.
    """
    state, cache, mask = first_states(weights, items, None, heads, drop, backbone)
    return reason(weights, state, cache, mask, steps, heads, noise, drop, reasoning)


def last_states(weights: dict, items: Tensor, lengths: Tensor, steps: int, heads: int, noise=None, drop=None,
                backbone: str = "sasrec", reasoning: Reasoning = SHARED) -> tuple[Tensor, Tensor | None]:
    """Return the reasoning states of whole histories: only the last position reasons.

    Used for recommending, and for training a backbone that is not causal, where each history is one prefix. With a
    reasoner whose steps all positions take, the last one is chosen afterwards.

    Shapes: items [B, T] padded on the right, lengths [B] at least 1, noise [B, 1, K, D] or None;
    states [B, 1, K+1, D], noised [B, 1, K, D] or None. Twin: ``reference.reasoning.last_states``.
    """
    everywhere = parts.REASONERS[reasoning.name].everywhere
    state, cache, mask = first_states(weights, items, lengths, heads, drop, backbone, everywhere)
    if everywhere and noise is not None:
        noise = at_last_positions(noise, lengths, items.shape[1])
    states, noised = reason(weights, state, cache, mask, steps, heads, noise, drop, reasoning)
    if everywhere:
        return last_positions(states, lengths), None if noised is None else last_positions(noised, lengths)
    return states, noised
