"""All items of a history take the steps, and not only the last one, in PyTorch.

The encoder reads the items once: h. A step passes the states of all items together through a core of blocks of its own,
``s_k = core((s_{k-1} + h) / 2)``, with the attention among items that the encoder has (causal, or in both directions).
Steps have no positions and no cache of earlier steps: s_{k-1} is all that they read. So any number of steps can follow,
also more than in training, best with the setting ``random_steps``.

LARES starts s_0 from noise, normalises before the blocks and adds contrastive and reinforcement losses. Here s_0 is h,
so that 0 steps are the base model, the blocks are those of our encoders, and the loss is that of the method. With
noised inputs (PRL) all items of a causal backbone are noised; where each row is one prefix, only its last item is.

Twin: ``minirearec.reference.reasoners.lares``. Source: LARES, arXiv 2505.16865.
"""

import torch
from torch import Tensor

from minirearec.nn.attention import attention, merge_heads
from minirearec.nn.backbones.blocks import finish_block, input_layer, project
from minirearec.nn.positions import distance_bias
from minirearec.nn.registries import REASONERS
from minirearec.parts import SHARED, Reasoning


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``s_k = reasoning_blocks(reasoning_norm((x + h) / 2))`` and h, which takes the place of the step cache.

    Shapes: state s_{k-1} and x [B, T, D], step_cache: [(h,)] with h [B, T, D], or an empty list at the first step,
    where h is the state; mask [1 or B, 1, 1 or T, T]: which items an item may see. The item cache is not read.
    Twin: ``reference.reasoners.lares.step``.
    """
    read = step_cache[0][0] if step_cache else state
    x = input_layer({"input_norm": weights["reasoning_norm"]}, (x + read) / 2, drop, site)
    bias = distance_bias(weights, torch.arange(x.shape[1], device=x.device)[None], x.shape[1])
    for index, block in enumerate(weights["reasoning_blocks"]):
        place = f"{site}block{index}."
        query, key, value = project(block, x, heads)
        mixed = attention(query, key, value, mask, drop, place, bias)
        x = finish_block(block, x, merge_heads(mixed), drop, place)
    return x, [(read,)]


REASONERS["lares"] = step
