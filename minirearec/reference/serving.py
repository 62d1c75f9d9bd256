"""Serving with plain NumPy: the states of one history, at each reasoning step.

For a single position the reasoning steps are just more positions at the end of its history, so the prefix-masked
attention of ``reasoning`` becomes ordinary attention over a cache that grows by one row per step, without a mask.
"""

import math

import numpy as np
from numpy import ndarray

from minirearec.parts import BACKBONES
from minirearec.reference.attention import attention, causal_mask, last_mask, merge_heads, split_heads
from minirearec.reference.backbones.blocks import finish_block, input_layer
from minirearec.reference.ops import LAYER_NORM_EPS, embedding, gelu, linear
from minirearec.reference.positions import add_positions, distance_bias

SERVES = ("sasrec", "bert4rec")  # the backbones that serving_states is written for
SERVED_REASONERS = ("shared",)  # and the reasoners


class Cache:
    """The keys and values of one block, with room for the reasoning steps: each [H, T+K, D/H].

    ``bias`` [H, T+K]: what attention adds at each distance; None unless positions are relative.

    One position has so few numbers that calls cost more than arithmetic, so ``attend`` works on plain vectors.
    """

    def __init__(self, block: dict, heads: int, room: int, bias: ndarray | None = None):
        self.block, self.heads, self.used, self.bias = block, heads, 0, bias
        width = len(block["key"]["bias"])
        self.keys = np.empty((heads, room, width // heads), dtype=block["key"]["bias"].dtype)
        self.values = np.empty_like(self.keys)
        self.scale = self.keys.dtype.type(1 / math.sqrt(width // heads))

    def append(self, x: ndarray) -> None:
        """Cache the keys and values of the positions x [T, D], or of one position x [D], for later positions."""
        rows = slice(self.used, self.used + x.size // x.shape[-1])
        for room, name in ((self.keys, "key"), (self.values, "value")):
            projected = linear(x, **self.block[name]).reshape(-1, self.heads, room.shape[-1])
            room[:, rows] = projected.swapaxes(0, 1)  # [H, T, D/H]
        self.used = rows.stop

    def attend(self, x: ndarray) -> ndarray:
        """Return the block's output [D] for the last position x [D], which sees everything in the cache."""
        keys, values, block = self.keys[:, :self.used], self.values[:, :self.used], self.block
        query = linear(x, **block["query"]).reshape(self.heads, -1, 1)  # [H, D/H, 1]
        powers = (keys @ query)[..., 0] * self.scale  # [H, T]
        if self.bias is not None:
            powers += self.bias[:, :self.used][:, ::-1]  # the last position is at distance 0
        np.exp(powers - np.maximum.reduce(powers, -1, keepdims=True), out=powers)
        powers /= np.add.reduce(powers, -1, keepdims=True)
        mixed = (powers[:, None] @ values).reshape(-1)
        h = normalise(x + linear(mixed, **block["output"]), **block["attention_norm"])
        return normalise(h + linear(gelu(linear(h, **block["inner"])), **block["outer"]), **block["inner_norm"])


def normalise(x: ndarray, weight: ndarray, bias: ndarray) -> ndarray:
    """Apply LayerNorm to one vector x [D], in half the time of ``ops.layer_norm``."""
    centred = x - np.add.reduce(x) / len(x)
    centred *= 1 / math.sqrt(centred.dot(centred) / len(x) + LAYER_NORM_EPS)
    centred *= weight
    centred += bias
    return centred


def serving_states(weights: dict, history: ndarray, steps: int, heads: int, backbone: str = "sasrec") -> ndarray:
    """Return the reasoning states r_0..r_K of one whole history, as ``last_states`` does, with less work.

    All positions pass through all blocks except the last one. In the last block, earlier positions need only the
    keys and values that the reasoning steps attend to. Shapes: history [T] indices, states [K+1, D].
    """
    T = len(history)
    x = add_positions(weights, embedding(weights["item_embedding"], history)[None])[0]
    x = input_layer(weights, x)  # [T, D]
    among_items = distance_bias(weights, np.arange(T)[None], T)
    to_last = distance_bias(weights, np.array([[T + steps - 1]]), T + steps)  # [1, H, 1, T+K]
    to_last = None if to_last is None else to_last[0, :, 0, ::-1]
    mask = causal_mask(T) if BACKBONES[backbone].causal else last_mask(np.array([T]), T)
    caches = [Cache(block, heads, T + steps, to_last) for block in weights["blocks"]]
    for cache in caches[:-1]:
        cache.append(x)
        query = split_heads(linear(x, **cache.block["query"])[None], heads)  # [1, H, T, D/H]
        mixed = attention(query, cache.keys[None, :, :T], cache.values[None, :, :T], mask, bias=among_items)
        x = finish_block(cache.block, x, merge_heads(mixed)[0])
    caches[-1].append(x)
    states = [caches[-1].attend(x[-1])]
    for k in range(steps):
        x = states[-1]
        if "reasoning_embedding" in weights:
            x = x + weights["reasoning_embedding"][k]
        x = normalise(x, **weights["input_norm"])  # [D]
        for cache in caches:
            cache.append(x)
            x = cache.attend(x)
        states.append(x)
    return np.stack(states)
