"""One reasoning step of the paper: one more position of the encoder, in PyTorch.

Twin: ``minirearec.reference.steps``. Source: paper section 3.2. What else a step can be is in ``reasoners``.
"""

import torch
from torch import Tensor

from minirearec.nn.attention import merge_heads, reasoning_attention
from minirearec.nn.backbones.blocks import finish_block, input_layer, project
from minirearec.nn.positions import distance_bias


def reasoning_step(weights: dict, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
                   drop=None, site: str = "") -> tuple[Tensor, list]:
    """Pass one more position through the encoder, after the items and the earlier steps of its prefix.

    Shapes: x [B, Q, D], the reasoning input r_{k-1} + p_k; item_cache: per block keys and values
    [B, H, T, D/H]; step_cache: per block keys and values [B, H, Q, k-1, D/H], or an empty list at the
    first step; mask [1 or B, 1, Q, T]. Returns r_k [B, Q, D] and the step cache with this step appended.
    Twin: ``reference.steps.reasoning_step``.
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
