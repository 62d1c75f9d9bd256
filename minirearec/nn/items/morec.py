"""MoRec's item vectors: a learned projection of frozen features, in PyTorch.

Twin: ``minirearec.reference.items.morec``.
"""

from torch import Tensor

from minirearec.nn.ops import apply_dropout, gelu, linear
from minirearec.nn.registries import ITEM_ENCODERS


def item_table(weights: dict, drop=None) -> Tensor:
    """Return the vectors of all items: ``e = gelu(W_0 x + b_0)``, then ``e = gelu(W_i drop(e) + b_i)`` for each layer.

    With ``with_ids`` a free vector of each item is added at the end. An item without features (x = 0) gets what the
    layers make of ``gelu(b_0)``, which all such items share.

    Shapes: weights["item_features"] [V, F], which do not train; weights["item_encoder"]["layers"], the first W [D, F],
    all further ones [D, D], each with b [D]; weights["item_embedding"] [V, D] or absent; out [V, D].
    Source: Yuan et al. 2023, arXiv 2303.13835. Twin: ``reference.items.morec.item_table``.
    """
    first, *further = weights["item_encoder"]["layers"]
    table = gelu(linear(weights["item_features"], **first))
    for index, layer in enumerate(further, 1):
        table = gelu(linear(apply_dropout(table, drop, f"encoder.layer{index}.adaptor"), **layer))
    return table + weights["item_embedding"] if "item_embedding" in weights else table


ITEM_ENCODERS["morec"] = item_table
