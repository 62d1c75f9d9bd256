"""The rows of the item table that one batch reads, so that a step does not cost work for the whole catalogue.

PyTorch's gradient of ``table[rows]`` has the size of the table, new and full of zeros for every use. For 1,000,000
items that takes longer than everything else in a step with a sampled loss. Here the batch computes with a small table
of its own, and only its gradient is written into a gradient of full size, which stays in place between steps. The
optimizer sees the same numbers as before, and updates every row: AdamW moves and decays a row without a gradient, too.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from minirearec.data.batching import Batch
from minirearec.sampling import Negatives


class TableRows:
    """The item table of a model in training; ``gradient`` is that of the rows taken last."""

    def __init__(self, table: torch.nn.Parameter):
        self.table, self.whole = table.requires_grad_(False), torch.zeros_like(table)

    def take(self, rows: np.ndarray) -> Tensor:
        """Return a copy of some rows, each once, that records a gradient."""
        self.rows = torch.from_numpy(rows).to(self.table.device)
        self.taken = self.table[self.rows].requires_grad_()
        return self.taken

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Take a step of the optimizer with the gradient of the rows that were taken, and 0 for the others."""
        assert self.taken.grad is not None, "call backward first"
        self.whole[self.rows] = self.taken.grad
        self.table.grad = self.whole
        try:
            optimizer.step()
        finally:  # after an interruption, too: training may continue
            self.whole[self.rows] = 0


def only_read(batch: Batch, negatives: Negatives) -> tuple[np.ndarray, Batch, Negatives]:
    """Return the items that a batch and its negatives read, in order, and both with places in it for items."""
    parts = batch.items, batch.targets, negatives.items
    rows, places = np.unique(np.concatenate([part.ravel() for part in parts]), return_inverse=True)
    items, targets, drawn = np.split(places, np.cumsum([part.size for part in parts])[:-1])
    batch = replace(batch, items=items.reshape(batch.items.shape), targets=targets.reshape(batch.targets.shape))
    return rows, batch, replace(negatives, items=drawn)
