"""MoRec's item vectors, with gradients: a learned projection of frozen features.

Twin: ``minirearec.nn.items.morec``.
"""

from numpy import ndarray

from minirearec.reference.ops import (
    apply_dropout,
    apply_dropout_backward,
    gelu,
    gelu_backward,
    linear,
    linear_backward,
)
from minirearec.reference.registries import ITEM_ENCODERS, Items


def item_table(weights: dict, drop=None) -> ndarray:
    """Return the vectors of all items: ``e = gelu(W_0 x + b_0)``, then ``e = gelu(W_i drop(e) + b_i)`` for each layer.

    With ``with_ids`` a free vector of each item is added at the end. An item without features (x = 0) gets what the
    layers make of ``gelu(b_0)``, which all such items share.

    Shapes: weights["item_features"] [V, F], which do not train; weights["item_encoder"]["layers"], the first W [D, F],
    all further ones [D, D], each with b [D]; weights["item_embedding"] [V, D] or absent; out [V, D].
    Source: Yuan et al. 2023, arXiv 2303.13835. Twin: ``nn.items.morec.item_table``.
    """
    table = gelu(_inputs(weights, drop)[-1][1])
    return table + weights["item_embedding"] if "item_embedding" in weights else table


def item_table_backward(grad_out: ndarray, weights: dict, drop=None) -> dict:
    """Return the gradients of the layers, and of the free vectors if there are any.

    Layer i computes ``y_i = W_i u_i + b_i`` from ``u_0 = x`` and ``u_i = drop(gelu(y_{i-1}))``. So from the last to the
    first: ``dy_i = de gelu'(y_i)``, where de is G at first; W_i, b_i and u_i get theirs as in ``ops.linear_backward``;
    and the same dropout of du_i is de of the layer before. The features are frozen: they get no gradient.
    """
    layers, gradients, grad = weights["item_encoder"]["layers"], [], grad_out
    for index, (u, y) in reversed(list(enumerate(_inputs(weights, drop)))):
        grad, grad_weight, grad_bias = linear_backward(gelu_backward(grad, y), u, **layers[index])
        gradients.insert(0, {"weight": grad_weight, "bias": grad_bias})
        if index:
            grad = apply_dropout_backward(grad, u, drop, _site(index))
    own = {"item_embedding": grad_out} if "item_embedding" in weights else {}
    return {"item_encoder": {"layers": gradients}, **own}


def _inputs(weights: dict, drop) -> list[tuple[ndarray, ndarray]]:
    """Return the input u_i and the output y_i, before gelu, of every layer."""
    found: list[tuple[ndarray, ndarray]] = []
    for index, layer in enumerate(weights["item_encoder"]["layers"]):
        u = apply_dropout(gelu(found[-1][1]), drop, _site(index)) if index else weights["item_features"]
        found.append((u, linear(u, **layer)))
    return found


def _site(index: int) -> str:
    return f"encoder.layer{index}.adaptor"


ITEM_ENCODERS["morec"] = Items(item_table, item_table_backward)
