"""The parts of transformer encoders: input layer and post-norm blocks, with gradients.

Twin: ``minirearec.nn.backbones.blocks``. Source: paper section 3.1; Kang and McAuley 2018.

Weights are a nested dict, so that a function shows what it reads:
``{"item_embedding": [V, D], "position_embedding": [max_length, D], "reasoning_embedding": [K, D],
"input_norm": {"weight", "bias"}, "blocks": [{"query", "key", "value", "output", "attention_norm",
"inner", "outer", "inner_norm": each {"weight", "bias"}}, ...]}``
In place of "position_embedding" there may be other positions; see ``positions``.
A gradient of weights is a dict of the same form with the weights that the function reads.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import split_heads, split_heads_backward
from minirearec.reference.ops import (
    apply_dropout,
    apply_dropout_backward,
    gelu,
    gelu_backward,
    layer_norm,
    layer_norm_backward,
    linear,
    linear_backward,
)
from minirearec.weights import add


def _through(backward, grad_out: ndarray, x: ndarray, part: dict) -> tuple[ndarray, dict]:
    """Go back through a linear or layer_norm with the weights of ``part``: return dx and the gradient of the part."""
    grad_x, grad_weight, grad_bias = backward(grad_out, x, **part)
    return grad_x, {"weight": grad_weight, "bias": grad_bias}


def input_layer(weights: dict, x: ndarray, drop=None, site: str = "") -> ndarray:
    """Apply LayerNorm and dropout, at the start of every pass: ``drop(norm(x))``.

    Shapes: x and out [B, T, D]. Twin: ``nn.backbones.blocks.input_layer``.
    """
    return apply_dropout(layer_norm(x, **weights["input_norm"]), drop, site + "input")


def input_layer_backward(grad_out: ndarray, weights: dict, x: ndarray, drop=None,
                         site: str = "") -> tuple[dict, ndarray]:
    """Go back through dropout, then LayerNorm: return the gradient of input_norm, and dx [B, T, D]."""
    grad_normal = apply_dropout_backward(grad_out, x, drop, site + "input")
    grad_x, grad_norm = _through(layer_norm_backward, grad_normal, x, weights["input_norm"])
    return {"input_norm": grad_norm}, grad_x


def project(block: dict, x: ndarray, heads: int, names: tuple[str, ...] = ("query", "key", "value")
            ) -> tuple[ndarray, ...]:
    """Return queries, keys and values of all heads: ``x W^T + b`` with the block's three projections, or some of them.

    Shapes: x [B, T, D], each result [B, H, T, D/H]. Twin: ``nn.backbones.blocks.project``.
    """
    return tuple(split_heads(linear(x, **block[name]), heads) for name in names)


def project_backward(grad_out: tuple[ndarray, ...], block: dict, x: ndarray, heads: int,
                     names: tuple[str, ...] = ("query", "key", "value")) -> tuple[dict, ndarray]:
    """Sum what comes back through the projections, since each of them reads x.

    Shapes: a G [B, H, T, D/H] for each. Returns the gradients of the projections, and dx [B, T, D].
    """
    grad_block: dict = {}
    grad_x: Any = 0
    for name, grad in zip(names, grad_out, strict=True):
        through, grad_block[name] = _through(linear_backward, split_heads_backward(grad, x, heads), x, block[name])
        grad_x = grad_x + through
    return grad_block, grad_x


def finish_block(block: dict, x: ndarray, mixed: ndarray, drop=None, site: str = "") -> ndarray:
    """Finish a block after attention: two residual sums, each followed by LayerNorm.

    ``h = norm(x + drop(linear(mixed)))``, ``out = norm(h + drop(outer(gelu(inner(h)))))``.
    With adapters in the block, the result of each of the two branches passes through its own; see ``adapted``.
    Shapes: x, mixed and out [B, T, D]. Twin: ``nn.backbones.blocks.finish_block``.
    """
    *_, last_sum = _finish_steps(block, x, mixed, drop, site)
    return layer_norm(last_sum, **block["inner_norm"])


def _finish_steps(block: dict, x: ndarray, mixed: ndarray, drop, site: str) -> tuple[ndarray, ...]:
    """Return the intermediate results of finish_block, in the order of computation."""
    attended = linear(mixed, **block["output"])
    first_sum = x + apply_dropout(adapted(block, attended, "attention"), drop, site + "attention")
    h = layer_norm(first_sum, **block["attention_norm"])
    inner = linear(h, **block["inner"])  # [B, T, I]
    wide = gelu(inner)
    fed = linear(wide, **block["outer"])
    last_sum = h + apply_dropout(adapted(block, fed, "feed_forward"), drop, site + "feed_forward")
    return attended, first_sum, h, inner, wide, fed, last_sum


def finish_block_backward(grad_out: ndarray, block: dict, x: ndarray, mixed: ndarray, drop=None,
                          site: str = "") -> tuple[dict, ndarray, ndarray]:
    """Go back through each line; at a residual sum ``a + f(a)`` the gradients of both branches add up.

    With ``s = x + drop(linear(mixed))`` and ``t = h + drop(outer(gelu(inner(h))))``: dt through the last norm,
    ``dh = dt + (back through the feed-forward of dt)``, ds through the first norm, ``dx = ds``, and
    dmixed back through the output layer; adapters lie before the dropout of their branch. Returns the gradients of the
    block's weights, dx and dmixed [B, T, D].
    """
    attended, first_sum, h, inner, wide, fed, last_sum = _finish_steps(block, x, mixed, drop, site)
    grad = {}
    grad_last, grad["inner_norm"] = _through(layer_norm_backward, grad_out, last_sum, block["inner_norm"])
    grad_outer = apply_dropout_backward(grad_last, h, drop, site + "feed_forward")
    of_last, grad_outer = adapted_backward(grad_outer, block, fed, "feed_forward")
    grad_wide, grad["outer"] = _through(linear_backward, grad_outer, wide, block["outer"])
    grad_h, grad["inner"] = _through(linear_backward, gelu_backward(grad_wide, inner), h, block["inner"])
    grad_h = grad_h + grad_last
    grad_first, grad["attention_norm"] = _through(layer_norm_backward, grad_h, first_sum, block["attention_norm"])
    grad_output = apply_dropout_backward(grad_first, x, drop, site + "attention")
    of_first, grad_output = adapted_backward(grad_output, block, attended, "attention")
    grad_mixed, grad["output"] = _through(linear_backward, grad_output, mixed, block["output"])
    return add(grad, of_first, of_last), grad_first, grad_mixed


def adapted(block: dict, x: ndarray, name: str) -> ndarray:
    """Pass x through a bottleneck adapter of the block, if it has any: ``x + up(gelu(down(x)))``.

    Shapes: x and out [B, T, D]; down is a linear layer [A, D], up one [D, A]. Source: Houlsby et al. 2019, arXiv
    1902.00751. Twin: ``nn.backbones.blocks.adapted``.
    """
    if "adapters" not in block:
        return x
    adapter = block["adapters"][name]
    return x + linear(gelu(linear(x, **adapter["down"])), **adapter["up"])


def adapted_backward(grad_out: ndarray, block: dict, x: ndarray, name: str) -> tuple[dict, ndarray]:
    """Return the gradient of the adapter, inside the block, and dx [B, T, D]: G from the residual and from ``down``.

    With ``h = down(x)`` [.., A]: ``dgelu = up^T G``, ``dh = dgelu gelu'(h)``, ``dx = G + down^T dh``.
    """
    if "adapters" not in block:
        return {}, grad_out
    adapter, grad = block["adapters"][name], {}
    narrow = linear(x, **adapter["down"])
    grad_narrow, grad["up"] = _through(linear_backward, grad_out, gelu(narrow), adapter["up"])
    through, grad["down"] = _through(linear_backward, gelu_backward(grad_narrow, narrow), x, adapter["down"])
    return {"adapters": {name: grad}}, grad_out + through


def last_positions(x: ndarray, lengths: ndarray) -> ndarray:
    """Return the state of each history's last item: ``out[b, 0] = x[b, lengths[b] - 1]``.

    Shapes: x [B, T, ...], lengths [B], out [B, 1, ...]. Twin: ``nn.backbones.blocks.last_positions``.
    """
    return x[np.arange(len(x)), lengths - 1][:, None]


def last_positions_backward(grad_out: ndarray, x: ndarray, lengths: ndarray) -> ndarray:
    """Return dx, shaped like x: G at the chosen positions, 0 at the others."""
    return at_last_positions(grad_out, lengths, x.shape[1])


def at_last_positions(x: ndarray, lengths: ndarray, T: int) -> ndarray:
    """Place x at each history's last item, among zeros: ``out[b, lengths[b] - 1] = x[b, 0]``.

    Shapes: x [B, 1, ...], lengths [B], out [B, T, ...]. Twin: ``nn.backbones.blocks.at_last_positions``.
    """
    out = np.zeros((len(x), T, *x.shape[2:]), x.dtype)
    out[np.arange(len(x)), lengths - 1] = x[:, 0]
    return out


def at_last_positions_backward(grad_out: ndarray, x: ndarray, lengths: ndarray, T: int) -> ndarray:
    """Return dx, shaped like x: what arrives at the places that x took."""
    return last_positions(grad_out, lengths)
