"""The bidirectional transformer of BERT4Rec, as the paper uses it, with gradients.

Twin: ``minirearec.nn.backbones.bert4rec``, which says how this differs from Cloze training, and why every prefix needs
its own pass. Source: paper sections 3.1 and 3.2.
"""

from numpy import ndarray

from minirearec.reference.attention import last_mask
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


def encode(weights: dict, items: ndarray, heads: int, drop, lengths: ndarray) -> tuple[ndarray, list]:
    """Encode prefixes in both directions: every position sees the ``lengths[b]`` items of its row, and no padding.

    Only the state of a row's last item is r_0 of a prefix. Shapes: items [B, T], lengths [B], states [B, T, D] (those
    of padding mean nothing) and cache as in ``transformer.transform``. Twin: ``nn.backbones.bert4rec.encode``.
    """
    return transform(weights, items, heads, last_mask(lengths, items.shape[1]), drop)


def encode_keeping(weights: dict, items: ndarray, heads: int, drop, lengths: ndarray) -> tuple[ndarray, list, tuple]:
    """Encode, and keep what the way back needs."""
    return transform_keeping(weights, items, heads, last_mask(lengths, items.shape[1]), drop)


def encode_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, heads: int, drop,
                    lengths: ndarray) -> dict:
    """Go back as in ``transformer.transform_backward``, under the mask of whole prefixes."""
    return transform_backward(grad_out, weights, items, heads, last_mask(lengths, items.shape[1]), drop)


def encode_last(weights: dict, items: ndarray, lengths: ndarray, heads: int, drop=None) -> tuple[ndarray, list]:
    """Encode prefixes of which only the last state is wanted: see ``transformer.transform_last``.

    Shapes: items [B, T], lengths [B], state [B, 1, D]. Twin: ``nn.backbones.bert4rec.encode_last``.
    """
    return transform_last(weights, items, lengths, heads, last_mask(lengths, items.shape[1]), drop)


def encode_last_keeping(weights: dict, items: ndarray, lengths: ndarray, heads: int,
                        drop=None) -> tuple[ndarray, list, tuple]:
    """Encode for the last state, and keep what the way back needs."""
    return transform_last_keeping(weights, items, lengths, heads, last_mask(lengths, items.shape[1]), drop)


def encode_last_backward(grad_out: tuple[ndarray, list], weights: dict, items: ndarray, lengths: ndarray, heads: int,
                         drop=None) -> dict:
    """Go back as in ``transformer.transform_last_backward``, under the mask of whole prefixes."""
    return transform_last_backward(grad_out, weights, items, lengths, heads, last_mask(lengths, items.shape[1]), drop)


BACKBONES["bert4rec"] = Encoder(encode_keeping, encode_way_back, encode_last_keeping, encode_last_way_back)
