"""Encode histories with any backbone: r_0, and what the reasoning steps see, in PyTorch.

Twin: ``minirearec.reference.encoding``. Source: paper sections 3.1 and 3.2.
"""

from torch import Tensor

from minirearec import parts
from minirearec.nn.attention import causal_mask, last_mask
from minirearec.nn.backbones.blocks import last_positions
from minirearec.nn.positions import placed
from minirearec.nn.registries import BACKBONES, LAST_ENCODERS


def first_states(weights: dict, items: Tensor, lengths: Tensor | None, heads: int, drop=None,
                 backbone: str = "sasrec", everywhere: bool = False) -> tuple[Tensor, list, Tensor]:
    """Return r_0, the cached keys and values of the items, and the mask: which items the steps of a position may see.

    With lengths, the only position of a history is its last one (Q = 1). Without, every position is one (Q = T), for a
    causal backbone: the states of all prefixes from one pass. With lengths and ``everywhere``, each item of the history
    keeps its state, for reasoners whose steps all of them take (Q = T; the states of padding mean nothing).

    Shapes: items [B, T], padded on the right if there are lengths [B]; r_0 [B, Q, D]; cache: per block keys and values
    [B, H, T, D/H]; mask [1 or B, 1, 1 or Q, T]. Twin: ``reference.encoding.first_states``.
    """
    encode, T, causal = BACKBONES[backbone], items.shape[1], parts.BACKBONES[backbone].causal
    if lengths is None:
        assert causal, f"{backbone} is not causal: it encodes one prefix a row, with its length"
        return *encode(weights, items, heads, drop), causal_mask(T, items.device)
    mask, weights = last_mask(lengths, T), placed(weights, lengths, T)
    if everywhere:
        return *encode(weights, items, heads, drop, *([] if causal else [lengths])), (
            causal_mask(T, items.device) if causal else mask)
    if backbone in LAST_ENCODERS:  # after the look-up above, which imports the backbone's file
        return *LAST_ENCODERS[backbone](weights, items, lengths, heads, drop), mask
    states, cache = encode(weights, items, heads, drop, *([] if causal else [lengths]))
    return last_positions(states, lengths), cache, mask
