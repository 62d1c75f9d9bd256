"""The parts of transformer encoders: input layer and post-norm blocks, in PyTorch.

Twin: ``minirearec.reference.backbones.blocks``. Source: paper section 3.1; Kang and McAuley 2018.

Weights are a nested dict, so that a function shows what it reads:
``{"item_embedding": [V, D], "position_embedding": [max_length, D], "reasoning_embedding": [K, D],
"input_norm": {"weight", "bias"}, "blocks": [{"query", "key", "value", "output", "attention_norm",
"inner", "outer", "inner_norm": each {"weight", "bias"}}, ...]}``
In place of "position_embedding" there may be other positions; see ``positions``.
"""

import torch
from torch import Tensor

from minirearec.nn.attention import split_heads
from minirearec.nn.ops import apply_dropout, gelu, layer_norm, linear


def input_layer(weights: dict, x: Tensor, drop=None, site: str = "") -> Tensor:
    """Apply LayerNorm and dropout, at the start of every pass: ``drop(norm(x))``.

    Shapes: x and out [B, T, D]. Twin: ``reference.backbones.blocks.input_layer``.
    """
    return apply_dropout(layer_norm(x, **weights["input_norm"]), drop, site + "input")


def project(block: dict, x: Tensor, heads: int, names: tuple[str, ...] = ("query", "key", "value")
            ) -> tuple[Tensor, ...]:
    """Return queries, keys and values of all heads: ``x W^T + b`` with the block's three projections, or some of them.

    Shapes: x [B, T, D], each result [B, H, T, D/H]. Twin: ``reference.backbones.blocks.project``.
    """
    return tuple(split_heads(linear(x, **block[name]), heads) for name in names)


def finish_block(block: dict, x: Tensor, mixed: Tensor, drop=None, site: str = "") -> Tensor:
    """Finish a block after attention: two residual sums, each followed by LayerNorm.

    ``h = norm(x + drop(linear(mixed)))``, ``out = norm(h + drop(outer(gelu(inner(h)))))``.
    Shapes: x, mixed and out [B, T, D]. Twin: ``reference.backbones.blocks.finish_block``.
    """
    h = x + apply_dropout(linear(mixed, **block["output"]), drop, site + "attention")
    h = layer_norm(h, **block["attention_norm"])
    wide = gelu(linear(h, **block["inner"]))  # [B, T, I]
    out = h + apply_dropout(linear(wide, **block["outer"]), drop, site + "feed_forward")
    return layer_norm(out, **block["inner_norm"])


def last_positions(x: Tensor, lengths: Tensor) -> Tensor:
    """Return the state of each history's last item: ``out[b, 0] = x[b, lengths[b] - 1]``.

    Shapes: x [B, T, D], lengths [B], out [B, 1, D]. Twin: ``reference.backbones.blocks.last_positions``.
    """
    return x[torch.arange(x.shape[0], device=x.device), lengths - 1][:, None]
