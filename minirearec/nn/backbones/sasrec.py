"""The causal transformer of SASRec, in PyTorch. Twin: ``minirearec.reference.backbones.sasrec``.

Source: paper section 3.1; Kang and McAuley 2018.
"""

from torch import Tensor

from minirearec.nn.attention import causal_mask
from minirearec.nn.backbones.transformer import transform, transform_last
from minirearec.nn.registries import BACKBONES, LAST_ENCODERS


def encode(weights: dict, items: Tensor, heads: int, drop=None) -> tuple[Tensor, list]:
    """Encode histories causally: the state of position i is r_0 of the prefix that ends there.

    Under the causal mask, no position sees the padding after it. Shapes: items [B, T], states [B, T, D] and cache as in
    ``transformer.transform``. Twin: ``reference.backbones.sasrec.encode``.
    """
    return transform(weights, items, heads, causal_mask(items.shape[1], items.device), drop)


def encode_last(weights: dict, items: Tensor, lengths: Tensor, heads: int, drop=None) -> tuple[Tensor, list]:
    """Encode histories of which only the last state is wanted: see ``transformer.transform_last``.

    Shapes: items [B, T], lengths [B], state [B, 1, D]. Twin: ``reference.backbones.sasrec.encode_last``.
    """
    return transform_last(weights, items, lengths, heads, causal_mask(items.shape[1], items.device), drop)


BACKBONES["sasrec"] = encode
LAST_ENCODERS["sasrec"] = encode_last
