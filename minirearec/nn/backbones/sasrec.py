"""The causal transformer of SASRec, in PyTorch. Twin: ``minirearec.reference.backbones.sasrec``.

Source: paper section 3.1; Kang and McAuley 2018.
"""

from torch import Tensor

from minirearec.nn.attention import attention, causal_mask, last_mask, merge_heads, split_heads
from minirearec.nn.backbones.blocks import finish_block, input_layer, last_positions, project
from minirearec.nn.ops import embedding, linear
from minirearec.nn.registries import BACKBONES, LAST_ENCODERS


def encode(weights: dict, items: Tensor, heads: int, drop=None) -> tuple[Tensor, list]:
    """Encode histories causally: the state of position i is r_0 of the prefix that ends there.

    ``x_i = item_embedding[items_i] + position_embedding[i]``, then the input layer, then the blocks.

    Shapes: items [B, T] indices, padded on the right with any valid index (under the causal mask, no
    position sees the padding after it); states [B, T, D]; cache: the keys and values of each block
    [B, H, T, D/H]. Twin: ``reference.backbones.sasrec.encode``.
    """
    _, T = items.shape
    x = embedding(weights["item_embedding"], items) + weights["position_embedding"][:T]
    x = input_layer(weights, x, drop, "items.")
    mask, cache = causal_mask(T, items.device), []
    for index, block in enumerate(weights["blocks"]):
        site = f"items.block{index}."
        query, key, value = project(block, x, heads)
        mixed = attention(query, key, value, mask, drop, site)
        x = finish_block(block, x, merge_heads(mixed), drop, site)
        cache.append((key, value))
    return x, cache


def encode_last(weights: dict, items: Tensor, lengths: Tensor, heads: int) -> tuple[Tensor, list]:
    """Encode histories of which only the last state is wanted, without dropout.

    As ``encode``, but of the other items, the last block computes nothing more than the keys and values that the
    reasoning steps attend to. Shapes: items [B, T] padded on the right, lengths [B], state [B, 1, D], cache as
    ``encode`` returns it. Twin: ``reference.backbones.sasrec.encode_last``.
    """
    *earlier, block = weights["blocks"]
    x, cache = encode({**weights, "blocks": earlier}, items, heads)
    key, value = (split_heads(linear(x, **block[name]), heads) for name in ("key", "value"))
    x = last_positions(x, lengths)
    query = split_heads(linear(x, **block["query"]), heads)
    mixed = attention(query, key, value, last_mask(lengths, items.shape[1]))
    return finish_block(block, x, merge_heads(mixed)), [*cache, (key, value)]


BACKBONES["sasrec"] = encode
LAST_ENCODERS["sasrec"] = encode_last
