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
    With adapters in the block, the result of each of the two branches passes through its own; see ``adapted``.
    Shapes: x, mixed and out [B, T, D]. Twin: ``reference.backbones.blocks.finish_block``.
    """
    attended = adapted(block, linear(mixed, **block["output"]), "attention")
    h = layer_norm(x + apply_dropout(attended, drop, site + "attention"), **block["attention_norm"])
    wide = gelu(linear(h, **block["inner"]))  # [B, T, I]
    fed = adapted(block, linear(wide, **block["outer"]), "feed_forward")
    return layer_norm(h + apply_dropout(fed, drop, site + "feed_forward"), **block["inner_norm"])


def adapted(block: dict, x: Tensor, name: str) -> Tensor:
    """Pass x through a bottleneck adapter of the block, if it has any: ``x + up(gelu(down(x)))``.

    Shapes: x and out [B, T, D]; down is a linear layer [A, D], up one [D, A]. Source: Houlsby et al. 2019, arXiv
    1902.00751. Twin: ``reference.backbones.blocks.adapted``.
    """
    if "adapters" not in block:
        return x
    adapter = block["adapters"][name]
    return x + linear(gelu(linear(x, **adapter["down"])), **adapter["up"])


def last_positions(x: Tensor, lengths: Tensor) -> Tensor:
    """Return the state of each history's last item: ``out[b, 0] = x[b, lengths[b] - 1]``.

    Shapes: x [B, T, ...], lengths [B], out [B, 1, ...]. Twin: ``reference.backbones.blocks.last_positions``.
    """
    return x[torch.arange(x.shape[0], device=x.device), lengths - 1][:, None]


def at_last_positions(x: Tensor, lengths: Tensor, T: int) -> Tensor:
    """Place x at each history's last item, among zeros: ``out[b, lengths[b] - 1] = x[b, 0]``.

    Shapes: x [B, 1, ...], lengths [B], out [B, T, ...]. Twin: ``reference.backbones.blocks.at_last_positions``.
    """
    last = torch.arange(T, device=x.device) == lengths[:, None] - 1  # [B, T]
    return torch.where(last.view(*last.shape, *[1] * (x.ndim - 2)), x, 0)
