"""The SASRec-style encoder: input layer and post-norm transformer blocks, with gradients.

Twin: ``minirearec.nn.encoder``. Source: paper section 3.1; Kang and McAuley 2018.

Weights are a nested dict, so that a function shows what it reads:
``{"item_embedding": [V, D], "position_embedding": [max_length, D], "reasoning_embedding": [K, D],
"input_norm": {"weight", "bias"}, "blocks": [{"query", "key", "value", "output", "attention_norm",
"inner", "outer", "inner_norm": each {"weight", "bias"}}, ...]}``
A gradient of weights is a dict of the same form that holds the weights the function reads.
"""

import numpy as np
from numpy import ndarray

from minirearec.reference.attention import (attention, attention_backward, causal_mask, merge_heads,
                                            merge_heads_backward, split_heads, split_heads_backward)
from minirearec.reference.ops import (apply_dropout, apply_dropout_backward, embedding, embedding_backward, gelu,
                                      gelu_backward, layer_norm, layer_norm_backward, linear, linear_backward)


def _through(backward, grad_out: ndarray, x: ndarray, part: dict) -> tuple[ndarray, dict]:
    """Back through a linear or layer_norm with the weights of ``part``: dx, and the gradient of the part."""
    grad_x, grad_weight, grad_bias = backward(grad_out, x, **part)
    return grad_x, {"weight": grad_weight, "bias": grad_bias}


def input_layer(weights: dict, x: ndarray, drop=None, site: str = "") -> ndarray:
    """LayerNorm and dropout, at the start of every pass: ``drop(norm(x))``.

    Shapes: x and out [B, T, D]. Twin: ``nn.encoder.input_layer``.
    """
    return apply_dropout(layer_norm(x, **weights["input_norm"]), drop, site + "input")


def input_layer_backward(grad_out: ndarray, weights: dict, x: ndarray, drop=None,
                         site: str = "") -> tuple[dict, ndarray]:
    """Dropout, then LayerNorm, each backwards. Returns the gradient of input_norm, and dx [B, T, D]."""
    grad_normal = apply_dropout_backward(grad_out, x, drop, site + "input")
    grad_x, grad_norm = _through(layer_norm_backward, grad_normal, x, weights["input_norm"])
    return {"input_norm": grad_norm}, grad_x


def project(block: dict, x: ndarray, heads: int) -> tuple[ndarray, ndarray, ndarray]:
    """Queries, keys and values of all heads: ``x W^T + b`` with the block's three projections.

    Shapes: x [B, T, D], each result [B, H, T, D/H]. Twin: ``nn.encoder.project``.
    """
    return tuple(split_heads(linear(x, **block[name]), heads) for name in ("query", "key", "value"))


def project_backward(grad_out: tuple[ndarray, ndarray, ndarray], block: dict, x: ndarray,
                     heads: int) -> tuple[dict, ndarray]:
    """x is read three times, so dx is the sum of what comes back through the three projections.

    Shapes: three G [B, H, T, D/H]. Returns the gradients of query, key and value, and dx [B, T, D].
    """
    grad_block, grad_x = {}, 0
    for name, grad in zip(("query", "key", "value"), grad_out, strict=True):
        through, grad_block[name] = _through(linear_backward, split_heads_backward(grad, x, heads), x, block[name])
        grad_x = grad_x + through
    return grad_block, grad_x


def finish_block(block: dict, x: ndarray, mixed: ndarray, drop=None, site: str = "") -> ndarray:
    """What a block does after attention: two residual sums, each followed by LayerNorm.

    ``h = norm(x + drop(linear(mixed)))``, ``out = norm(h + drop(outer(gelu(inner(h)))))``.
    Shapes: x, mixed and out [B, T, D]. Twin: ``nn.encoder.finish_block``.
    """
    *_, last_sum = _finish_steps(block, x, mixed, drop, site)
    return layer_norm(last_sum, **block["inner_norm"])


def _finish_steps(block: dict, x: ndarray, mixed: ndarray, drop, site: str) -> tuple[ndarray, ...]:
    """The intermediate results of finish_block, in the order in which they arise."""
    first_sum = x + apply_dropout(linear(mixed, **block["output"]), drop, site + "attention")
    h = layer_norm(first_sum, **block["attention_norm"])
    inner = linear(h, **block["inner"])  # [B, T, I]
    wide = gelu(inner)
    last_sum = h + apply_dropout(linear(wide, **block["outer"]), drop, site + "feed_forward")
    return first_sum, h, inner, wide, last_sum


def finish_block_backward(grad_out: ndarray, block: dict, x: ndarray, mixed: ndarray, drop=None,
                          site: str = "") -> tuple[dict, ndarray, ndarray]:
    """Each line of the forward backwards; at a residual sum ``a + f(a)`` the gradient goes both ways and adds up.

    With ``s = x + drop(linear(mixed))`` and ``t = h + drop(outer(gelu(inner(h))))``: dt through the last norm,
    ``dh = dt + (back through the feed-forward of dt)``, ds through the first norm, ``dx = ds``, and
    dmixed back through the output layer. Returns the gradients of the block's weights, dx and dmixed [B, T, D].
    """
    first_sum, h, inner, wide, last_sum = _finish_steps(block, x, mixed, drop, site)
    grad = {}
    grad_last, grad["inner_norm"] = _through(layer_norm_backward, grad_out, last_sum, block["inner_norm"])
    grad_outer = apply_dropout_backward(grad_last, h, drop, site + "feed_forward")
    grad_wide, grad["outer"] = _through(linear_backward, grad_outer, wide, block["outer"])
    grad_h, grad["inner"] = _through(linear_backward, gelu_backward(grad_wide, inner), h, block["inner"])
    grad_h = grad_h + grad_last
    grad_first, grad["attention_norm"] = _through(layer_norm_backward, grad_h, first_sum, block["attention_norm"])
    grad_output = apply_dropout_backward(grad_first, x, drop, site + "attention")
    grad_mixed, grad["output"] = _through(linear_backward, grad_output, mixed, block["output"])
    return grad, grad_first, grad_mixed


def encode(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list]:
    """Causal encoding of histories: the state of position i is r_0 of the prefix that ends there.

    ``x_i = item_embedding[items_i] + position_embedding[i]``, the input layer, then the blocks.

    Shapes: items [B, T] indices, padded on the right with any valid index (the causal mask keeps what
    follows out of what comes before); states [B, T, D]; cache: for each block its keys and values
    [B, H, T, D/H]. Twin: ``nn.encoder.encode``.
    """
    states, cache, _ = encode_keeping(weights, items, heads, drop)
    return states, cache


def encode_keeping(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list, list]:
    """encode, and for each block its input, queries and attention output: what the way back starts from."""
    B, T = items.shape
    x = embedding(weights["item_embedding"], items) + weights["position_embedding"][:T]
    x = input_layer(weights, x, drop, "items.")
    mask, cache, kept = causal_mask(T), [], []
    for index, block in enumerate(weights["blocks"]):
        site = f"items.block{index}."
        query, key, value = project(block, x, heads)
        mixed = merge_heads(attention(query, key, value, mask, drop, site))
        kept.append((x, query, mixed))
        cache.append((key, value))
        x = finish_block(block, x, mixed, drop, site)
    return x, cache, kept


def encode_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop=None) -> dict:
    """The forward once, keeping each block's input; then the blocks from the last to the first.

    ``grad_out`` is the pair (gradient of the states [B, T, D], for each block those of its cached keys and
    values). Keys and values have two readers, the block's own attention and whoever reads the cache, so
    their gradients are sums of two. The item table's gradient collects every place of an item; row i of the
    position table's that of position i in all histories. Returns the gradients of the weights read.
    """
    _, cache, kept = encode_keeping(weights, items, heads, drop)
    return encode_way_back(grad_out, weights, items, heads, drop, cache, kept)


def encode_way_back(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop, cache: list,
                    kept: list) -> dict:
    """The second half of encode_backward, from what encode_keeping returned."""
    (grad, grad_cache), mask = grad_out, causal_mask(items.shape[1])
    grad_blocks: list[dict] = [{}] * len(kept)
    for index in reversed(range(len(kept))):
        site, block, (x, query, mixed) = f"items.block{index}.", weights["blocks"][index], kept[index]
        finish, grad_x, grad_mixed = finish_block_backward(grad, block, x, mixed, drop, site)
        grad_query, grad_key, grad_value = attention_backward(
            merge_heads_backward(grad_mixed, query), query, *cache[index], mask, drop, site)
        cached_key, cached_value = grad_cache[index]
        projected = grad_query, grad_key + cached_key, grad_value + cached_value
        grad_projections, through = project_backward(projected, block, x, heads)
        grad_blocks[index] = finish | grad_projections
        grad = grad_x + through

    table, positions = weights["item_embedding"], weights["position_embedding"]
    x = embedding(table, items) + positions[:items.shape[1]]
    grad_input, grad_x = input_layer_backward(grad, weights, x, drop, "items.")
    grad_positions = np.zeros_like(positions)
    grad_positions[:items.shape[1]] = grad_x.sum(0)
    return grad_input | {"blocks": grad_blocks, "item_embedding": embedding_backward(grad_x, table, items),
                         "position_embedding": grad_positions}


def last_positions(x: ndarray, lengths: ndarray) -> ndarray:
    """The state of each history's last item: ``out[b, 0] = x[b, lengths[b] - 1]``.

    Shapes: x [B, T, D], lengths [B], out [B, 1, D]. Twin: ``nn.encoder.last_positions``.
    """
    return x[np.arange(len(x)), lengths - 1][:, None]


def last_positions_backward(grad_out: ndarray, x: ndarray, lengths: ndarray) -> ndarray:
    """G goes to the chosen positions, 0 to the others. Returns dx [B, T, D]."""
    grad_x = np.zeros_like(x)
    grad_x[np.arange(len(x)), lengths - 1] = grad_out[:, 0]
    return grad_x
