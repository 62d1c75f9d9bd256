"""The causal transformer of SASRec, with gradients. Twin: ``minirearec.nn.backbones.sasrec``.

Source: paper section 3.1; Kang and McAuley 2018.
"""

from numpy import ndarray

from minirearec.reference.attention import causal_mask
from minirearec.reference.backbones.transformer import (
    transform,
    transform_backward,
    transform_keeping,
    transform_last,
    transform_last_backward,
    transform_last_keeping,
)
from minirearec.reference.backbones.transformer import transform_last_way_back as encode_last_way_back
from minirearec.reference.backbones.transformer import transform_way_back as encode_way_back
from minirearec.reference.registries import BACKBONES, Encoder


def encode(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list]:
    """Encode histories causally: the state of position i is r_0 of the prefix that ends there.

    Under the causal mask, no position sees the padding after it. Shapes: items [B, T], states [B, T, D] and cache as in
    ``transformer.transform``. Twin: ``nn.backbones.sasrec.encode``.
    """
    return transform(weights, items, heads, causal_mask(items.shape[1]), drop)


def encode_keeping(weights: dict, items: ndarray, heads: int, drop=None) -> tuple[ndarray, list, tuple]:
    """Encode, and keep what the way back needs."""
    return transform_keeping(weights, items, heads, causal_mask(items.shape[1]), drop)


def encode_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop=None) -> dict:
    """Go back as in ``transformer.transform_backward``, under the causal mask."""
    return transform_backward(grad_out, weights, items, heads, causal_mask(items.shape[1]), drop)


def encode_last(weights: dict, items: ndarray, lengths: ndarray, heads: int, drop=None) -> tuple[ndarray, list]:
    """Encode histories of which only the last state is wanted: see ``transformer.transform_last``.

    Shapes: items [B, T], lengths [B], state [B, 1, D]. Twin: ``nn.backbones.sasrec.encode_last``.
    """
    return transform_last(weights, items, lengths, heads, causal_mask(items.shape[1]), drop)


def encode_last_keeping(weights: dict, items: ndarray, lengths: ndarray, heads: int,
                        drop=None) -> tuple[ndarray, list, tuple]:
    """Encode for the last state, and keep what the way back needs."""
    return transform_last_keeping(weights, items, lengths, heads, causal_mask(items.shape[1]), drop)


def encode_last_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, lengths: ndarray, heads: int,
                         drop=None) -> dict:
    """Go back as in ``transformer.transform_last_backward``, under the causal mask."""
    return transform_last_backward(grad_out, weights, items, lengths, heads, causal_mask(items.shape[1]), drop)


BACKBONES["sasrec"] = Encoder(encode_keeping, encode_way_back, encode_last_keeping, encode_last_way_back)
