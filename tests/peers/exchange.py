"""What a peer's script and ``run.py`` say to each other: the split, and the model's vectors after every epoch.

This file runs in the peer's environment, so it imports NumPy and the standard library alone. ``run.py`` starts the
script with the folder of the exchange; the script reads ``split.npz`` and ``settings.json``, trains an epoch, writes
``vectors.npz``, prints a line of JSON and waits for an answer while ``run.py`` evaluates. Neither the writing nor the
waiting counts as training time.
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np

PARTS = ("valid", "test")


def versions() -> dict[str, str]:
    """Return the versions of what trains here."""
    found = {}
    for package in ("minirearec", "rectools", "recbole", "torch", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


class Exchange:
    """The peer's side: what to train on, and who to tell after every epoch."""

    def __init__(self):
        self.folder = Path(sys.argv[1])
        self.settings = SimpleNamespace(**json.loads((self.folder / "settings.json").read_text()))
        with np.load(self.folder / "split.npz") as split:
            self.split = {name: split[name] for name in split.files}
        self.answers, self.say = sys.stdin, sys.stdout
        sys.stdout = sys.stderr  # what the peer's library prints does not mix with our lines
        self.epoch = 0

    def histories(self) -> list[list[int]]:
        """Return the items of every user that train, oldest first."""
        items, offsets = self.split["train_items"], self.split["train_offsets"]
        return [items[begin:end].tolist() for begin, end in pairwise(offsets)]

    def epoch_done(self, seconds: float, encode, table: np.ndarray, known: np.ndarray | None = None) -> bool:
        """Report an epoch that took so many seconds of training; return whether to train another one.

        ``encode(items [B, T], lengths [B])`` returns the states [B, D] of right-padded histories. The scores of a
        history are its dot products with ``table`` [V, D]; items that the peer does not know come last.
        """
        self.epoch += 1
        known = np.ones(len(table), bool) if known is None else known
        states = {part: np.concatenate([np.asarray(encode(self.split[f"{part}_items"][start:start + 512],
                                                          self.split[f"{part}_lengths"][start:start + 512]))
                                        for start in range(0, len(self.split[f"{part}_items"]), 512)])
                  for part in PARTS}
        np.savez(self.folder / "vectors.npz", table=table, known=known, **states)
        print(json.dumps({"epoch": self.epoch, "seconds": seconds, "versions": versions()}), file=self.say, flush=True)
        return self.answers.readline().strip() == "more"
