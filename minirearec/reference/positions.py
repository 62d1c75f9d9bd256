"""How the order of the items enters the model, with gradients. Twin: ``minirearec.nn.positions``.

The weights say which of three ways it is: "position_embedding" (absolute), "recency_embedding" (recency) or
"distance_bias" (relative). See the twin for their shapes and sources.
"""

import numpy as np
from numpy import ndarray


def placed(weights: dict, lengths: ndarray, T: int) -> dict:
    """Return the weights with "recency_embedding" as [B, T, D], a vector for each item: ``table[lengths[b] - 1 - i]``.

    Items of padding get the vector of the newest. Weights without "recency_embedding" stay as they are.
    Shapes: lengths [B]. Twin: ``nn.positions.placed``.
    """
    if "recency_embedding" not in weights:
        return weights
    return {**weights, "recency_embedding": weights["recency_embedding"][_from_the_end(lengths, T)]}


def _from_the_end(lengths: ndarray, T: int) -> ndarray:
    """Return the row of each item, counted from the newest item of its history: [B, T]."""
    return np.maximum(lengths[:, None] - 1 - np.arange(T), 0)


def placed_backward(grad_out: dict, weights: dict, lengths: ndarray, T: int) -> dict:
    """Add up the gradients of all items in a row's place; other gradients stay as they are."""
    if "recency_embedding" not in weights:
        return grad_out
    grad = np.zeros_like(weights["recency_embedding"])
    np.add.at(grad, _from_the_end(lengths, T), grad_out["recency_embedding"])
    return {**grad_out, "recency_embedding": grad}


def add_positions(weights: dict, x: ndarray) -> ndarray:
    """Add the vectors of places to those of items. A recency that is not ``placed`` counts from the end of the row.

    With relative positions nothing is added. Shapes: x and out [B, T, D]. Twin: ``nn.positions.add_positions``.
    """
    if "position_embedding" in weights:
        return x + weights["position_embedding"][:x.shape[1]]
    if "recency_embedding" in weights:
        table = weights["recency_embedding"]
        return x + (table if table.ndim == 3 else table[:x.shape[1]][::-1])
    return x


def add_positions_backward(grad_out: ndarray, weights: dict, x: ndarray) -> tuple[dict, ndarray]:
    """Return the gradient of the vectors, the sum of G over all histories in their place, and dx = G."""
    name = next((name for name in ("position_embedding", "recency_embedding") if name in weights), None)
    if name is None:
        return {}, grad_out
    table = weights[name]
    if table.ndim == 3:
        return {name: grad_out}, grad_out
    grad, summed = np.zeros_like(table), grad_out.sum(0)
    grad[:x.shape[1]] = summed if name == "position_embedding" else summed[::-1]
    return {name: grad}, grad_out


def distance_bias(weights: dict, places: ndarray, T: int, steps: int = 0) -> ndarray | None:
    """Return what attention adds to its logits, ``bias[h, distance]``; None unless positions are relative.

    A query is an item at a place, or (steps > 0) the step of this number after it. It attends to the T items j, at the
    distances ``place + steps - j``, and to its own steps m up to itself, at ``steps - m``.
    Shapes: places [B, Q], out [B, H, Q, T + steps]. Twin: ``nn.positions.distance_bias``.
    """
    if "distance_bias" not in weights:
        return None
    table = weights["distance_bias"]
    return table[:, *_rows_of(table, places, T, steps)].swapaxes(0, 1)


def _rows_of(table: ndarray, places: ndarray, T: int, steps: int) -> tuple[ndarray, ndarray]:
    """Return the side and the distance of every pair of query and key, each [B, Q, T + steps]."""
    _, sides, most = table.shape
    to_items = places[..., None] + steps - np.arange(T)
    to_steps = np.broadcast_to(np.arange(steps)[::-1], (*places.shape, steps))
    distances = np.concatenate([to_items, to_steps], -1)
    return (distances < 0) * (sides - 1), np.minimum(np.abs(distances), most - 1)


def distance_bias_backward(grad_out: ndarray | None, weights: dict, places: ndarray, T: int, steps: int = 0) -> dict:
    """Return the gradient of the numbers: for each, the sum of G over all pairs at its distance."""
    if grad_out is None:
        return {}
    table = weights["distance_bias"]
    side, distance = _rows_of(table, places, T, steps)
    grad = np.zeros_like(table)
    for of_head, of_pairs in zip(grad, grad_out.swapaxes(0, 1), strict=True):
        np.add.at(of_head, (side, distance), of_pairs)
    return {"distance_bias": grad}
