"""The recorded vectors of the authors' code, under our names."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILES = ["erl_k1_nokl", "erl_k2", "erl_k3", "prl_k1", "prl_k2", "prl_k3"]
TOLERANCE = 1e-9

BLOCK_NAMES = {
    "multi_head_attention.query_layer": "query", "multi_head_attention.key_layer": "key",
    "multi_head_attention.value_layer": "value", "multi_head_attention.dense": "output",
    "multi_head_attention.LayerNorm": "attention_norm", "feed_forward.dense_1": "inner",
    "feed_forward.dense_2": "outer", "feed_forward.LayerNorm": "inner_norm",
}


@dataclass
class Recorded:
    """One parity file: its settings, inputs, expected outputs, weights and gradients (flat names)."""

    config: dict
    arrays: dict
    weights: dict
    gradients: dict
    items: np.ndarray  # [B, T], padded on the right with 0
    lengths: np.ndarray  # [B]


def our_name(name: str) -> str | None:
    """Our dotted name of one of the authors' parameters; None for the second copy of the encoder."""
    whole = {"item_emb.weight": "item_embedding", "pos_emb.weight": "position_embedding",
             "model.reason_pos_emb.weight": "reasoning_embedding", "model.LayerNorm.weight": "input_norm.weight",
             "model.LayerNorm.bias": "input_norm.bias"}
    if name in whole:
        return whole[name]
    if not name.startswith("trm_encoder.layer."):
        return None
    layer, rest = name.removeprefix("trm_encoder.layer.").split(".", 1)
    part, kind = rest.rsplit(".", 1)
    return f"blocks.{layer}.{BLOCK_NAMES[part]}.{kind}"


def read(folder: Path, name: str) -> Recorded:
    """A parity file as arrays with our names and a right-padded batch."""
    with np.load(folder / f"{name}.npz") as archive:
        arrays = {key: archive[key] for key in archive.files}

    def ours(prefix):
        renamed = ((our_name(key.removeprefix(prefix)), value) for key, value in arrays.items()
                   if key.startswith(prefix))
        return {key: value for key, value in renamed if key}

    lengths = arrays["lengths"]
    items = np.zeros((len(lengths), lengths.max()), dtype=np.int64)
    starts = np.concatenate([[0], lengths.cumsum()])
    for row, length in enumerate(lengths):
        items[row, :length] = arrays["items"][starts[row]:starts[row + 1]]
    return Recorded(json.loads(str(arrays["config"])), arrays, ours("weight/"), ours("grad/"), items, lengths)
