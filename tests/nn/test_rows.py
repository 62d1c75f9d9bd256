"""A batch computes with the rows that it reads; the optimizer updates the whole table, as with a full gradient."""

import numpy as np
import pytest
import torch

from minirearec.data.batching import Batch
from minirearec.nn.rows import TableRows, only_read
from minirearec.sampling import Negatives


def test_places_lead_back_to_the_items():
    items, targets = np.array([[7, 2, 0], [9, 9, 2]]), np.array([[2, 5, 0], [9, 2, 4]])
    negatives = Negatives(np.array([5, 11, 5]), np.zeros(3), 0.5)
    counted = np.ones((2, 3), dtype=bool)
    rows, batch, drawn = only_read(Batch(items, targets, counted), negatives)
    assert rows.tolist() == [0, 2, 4, 5, 7, 9, 11]
    assert np.array_equal(rows[batch.items], items) and np.array_equal(rows[batch.targets], targets)
    assert np.array_equal(rows[drawn.items], negatives.items) and drawn.beta == 0.5 and batch.counted is counted


def test_steps_equal_those_with_a_gradient_of_the_whole_table():
    def make(seed=0):
        torch.manual_seed(seed)
        table = torch.nn.Parameter(torch.randn(6, 3, dtype=torch.float64))
        return table, torch.optim.AdamW([table], 0.1, weight_decay=0.1)

    (small, ours), (whole, theirs) = make(), make()
    rows, factors = TableRows(small), torch.randn(4, 2, 3, dtype=torch.float64)
    for taken, factor in zip(np.array([[0, 4], [1, 4], [3, 5], [0, 1]]), factors, strict=True):
        for optimizer in (ours, theirs):
            optimizer.zero_grad(set_to_none=True)
        (rows.take(taken) * factor).sum().backward()
        rows.step(ours)
        (whole[taken] * factor).sum().backward()
        theirs.step()
    assert torch.equal(small, whole)


def test_an_interrupted_step_leaves_no_gradient(monkeypatch):
    table = torch.nn.Parameter(torch.ones(4, 2))
    rows, optimizer = TableRows(table), torch.optim.AdamW([table], 0.1)
    rows.take(np.array([1, 3])).sum().backward()
    monkeypatch.setattr(optimizer, "step", lambda: pytest.fail("interrupted"))
    with pytest.raises(pytest.fail.Exception):
        rows.step(optimizer)
    assert not rows.whole.any()
