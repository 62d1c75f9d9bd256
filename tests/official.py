"""Recorded inputs and outputs of the authors' code, under our names."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minirearec.runs.official import our_name
from tests.outside import SHARED, needs

HERE = Path(__file__).parent / "parity"
FILES = ["erl_k3", "prl_k2"]  # in HERE, for everybody's test run
MORE = ["erl_k1_nokl", "erl_k2", "prl_k1", "prl_k3"]  # in the shared folder
TOLERANCE = 1e-9


@dataclass
class Recorded:
    """One parity file: its settings, inputs, expected outputs, weights and gradients (flat names)."""

    config: dict
    arrays: dict
    weights: dict
    gradients: dict
    items: np.ndarray  # [B, T], padded on the right with 0
    lengths: np.ndarray  # [B]


def read(name: str) -> Recorded:
    """Read a parity file as arrays with our names and a right-padded batch; skip the test where it is missing."""
    folder = HERE if name in FILES else needs(SHARED / "parity")
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
