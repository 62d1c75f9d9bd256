"""Prefixes in pieces have the states and gradients that they have at once, in less memory."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from minirearec.config import ModelConfig
from minirearec.nn import pieces
from minirearec.nn.model import ReaRec
from minirearec.nn.pieces import cut
from minirearec.weights import flatten

SHAPE = {"backbone": "bert4rec", "steps": 2, "width": 4, "inner_width": 6, "heads": 2, "max_length": 9,
         "initial_std": 0.5}
LENGTHS = torch.tensor([1, 2, 2, 3, 5, 9])


def gradients(dropout: float, seed: int = 0) -> list[torch.Tensor]:
    """Return the states, the noised states and the gradients of a loss that reads both."""
    torch.manual_seed(0)
    items, noise = torch.randint(0, 20, (6, 9)), torch.randn(6, 1, 2, 4, dtype=torch.float64)
    model = ReaRec(ModelConfig(**SHAPE, dropout=dropout, input_dropout=dropout), 20).double()
    model.generator = torch.Generator().manual_seed(seed)
    states, noised = model(items, noise, lengths=LENGTHS)
    (states.sin().sum() + noised.cos().sum()).backward()
    return [states, noised, *(leaf.grad for leaf in flatten(model.weights()).values())]


@pytest.mark.parametrize("size", [4, 40, 10**6])  # a row at a time, some rows, all
def test_pieces_change_neither_states_nor_gradients(size, monkeypatch):
    whole = gradients(0.0)
    monkeypatch.setattr(pieces, "PIECE", size)
    for ours, theirs in zip(gradients(0.0), whole, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_the_way_back_sees_the_dropout_of_the_way_there(monkeypatch):
    """With the same pieces computed once, without checkpoints, the gradients are the same."""
    monkeypatch.setattr(pieces, "PIECE", 40)
    twice, other = gradients(0.3), gradients(0.3, seed=1)
    monkeypatch.setattr(pieces, "checkpoint", lambda function, *given, **options: function(*given))
    once = gradients(0.3)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(twice, once, strict=True))
    assert not torch.equal(twice[0], other[0])


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.integers(1, 40))
def test_pieces_hold_every_row_once_and_are_small(lengths, most):
    found = list(cut(lengths, most))
    assert [row for rows, _ in found for row in range(len(lengths))[rows]] == list(range(len(lengths)))
    for rows, longest in found:
        count = rows.stop - rows.start
        assert longest == max(lengths[rows]) and (count == 1 or count * longest <= most)
