"""Encode histories with any backbone: r_0, and what the reasoning steps see, with gradients.

Twin: ``minirearec.nn.encoding``. Source: paper sections 3.1 and 3.2.
"""

from typing import Any

from numpy import ndarray

from minirearec import parts
from minirearec.reference.attention import causal_mask, last_mask
from minirearec.reference.backbones.blocks import last_positions, last_positions_backward
from minirearec.reference.positions import placed, placed_backward
from minirearec.reference.registries import BACKBONES


def first_states(weights: dict, items: ndarray, lengths: ndarray | None, heads: int, drop=None,
                 backbone: str = "sasrec", everywhere: bool = False) -> tuple[ndarray, list, ndarray]:
    """Return r_0, the cached keys and values of the items, and the mask: which items the steps of a position may see.

    With lengths, the only position of a history is its last one (Q = 1). Without, every position is one (Q = T), for a
    causal backbone: the states of all prefixes from one pass. With lengths and ``everywhere``, each item of the history
    keeps its state, for reasoners whose steps all of them take (Q = T; the states of padding mean nothing).

    Shapes: items [B, T], padded on the right if there are lengths [B]; r_0 [B, Q, D]; cache: per block keys and values
    [B, H, T, D/H]; mask [1 or B, 1, 1 or Q, T]. Twin: ``nn.encoding.first_states``.
    """
    state, cache, mask, _ = first_keeping(weights, items, lengths, heads, drop, backbone, everywhere)
    return state, cache, mask


def first_keeping(weights, items, lengths, heads, drop=None, backbone="sasrec",
                  everywhere=False) -> tuple[ndarray, list, ndarray, Any]:
    """Compute first_states, and keep what the way back needs."""
    encoder, T, causal = BACKBONES[backbone], items.shape[1], parts.BACKBONES[backbone].causal
    if lengths is None:
        assert causal, f"{backbone} is not causal: it encodes one prefix a row, with its length"
        state, cache, kept = encoder.encode_keeping(weights, items, heads, drop)
        return state, cache, causal_mask(T), kept
    mask, weights = last_mask(lengths, T), placed(weights, lengths, T)
    if everywhere:
        states, cache, kept = encoder.encode_keeping(weights, items, heads, drop, *([] if causal else [lengths]))
        return states, cache, causal_mask(T) if causal else mask, kept
    if encoder.encode_last_keeping is not None:
        state, cache, kept = encoder.encode_last_keeping(weights, items, lengths, heads, drop)
        return state, cache, mask, kept
    states, cache, kept = encoder.encode_keeping(weights, items, heads, drop, *([] if causal else [lengths]))
    return last_positions(states, lengths), cache, mask, (states, kept)


def first_states_backward(grad_out: tuple, weights: dict, items: ndarray, lengths: ndarray | None, heads: int,
                          drop=None, backbone: str = "sasrec", everywhere: bool = False) -> dict:
    """Go back through the encoder. With lengths, dr_0 goes only to the last position, unless ``everywhere``.

    ``grad_out`` is the triple (gradient of r_0 [B, Q, D], gradients of the cache, anything for the mask). Returns the
    gradients of the weights that the backbone reads.
    """
    _, cache, _, kept = first_keeping(weights, items, lengths, heads, drop, backbone, everywhere)
    return first_way_back(grad_out[:2], weights, items, lengths, heads, drop, cache, kept, backbone, everywhere)


def first_way_back(grad_out, weights, items, lengths, heads, drop, cache, kept, backbone="sasrec",
                   everywhere=False) -> dict:
    """Run the second half of first_states_backward, from the result of first_keeping."""
    encoder, way_back = BACKBONES[backbone], BACKBONES[backbone].encode_way_back
    if lengths is None:
        return way_back(grad_out, weights, items, heads, drop, cache, kept)
    if not everywhere and encoder.encode_last_way_back is not None:
        way_back = encoder.encode_last_way_back
    elif not everywhere:
        (grad, grad_cache), (states, kept) = grad_out, kept
        grad_out = last_positions_backward(grad, states, lengths), grad_cache
    T = items.shape[1]
    gradients = way_back(grad_out, placed(weights, lengths, T), items, heads, drop, cache, kept)
    return placed_backward(gradients, weights, lengths, T)
