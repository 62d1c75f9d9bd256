"""The id table: one free vector for each item, in PyTorch. Twin: ``minirearec.reference.items.id``."""

from torch import Tensor

from minirearec.nn.registries import ITEM_ENCODERS


def item_table(weights: dict, drop=None) -> Tensor:
    """Return the vectors of all items: the id table itself.

    Shapes: weights["item_embedding"] [V, D], out [V, D]. Twin: ``reference.items.id.item_table``.
    """
    return weights["item_embedding"]


ITEM_ENCODERS["id"] = item_table
