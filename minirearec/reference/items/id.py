"""The id table: one free vector for each item, with gradients. Twin: ``minirearec.nn.items.id``."""

from numpy import ndarray

from minirearec.reference.registries import ITEM_ENCODERS, Items


def item_table(weights: dict, drop=None) -> ndarray:
    """Return the vectors of all items: the id table itself.

    Shapes: weights["item_embedding"] [V, D], out [V, D]. Twin: ``nn.items.id.item_table``.
    """
    return weights["item_embedding"]


def item_table_backward(grad_out: ndarray, weights: dict, drop=None) -> dict:
    """Return the gradient of the id table, which is G itself [V, D]."""
    return {"item_embedding": grad_out}


ITEM_ENCODERS["id"] = Items(item_table, item_table_backward)
