"""An update gate decides how much of the state each step replaces, in PyTorch.

Twin: ``minirearec.reference.reasoners.gru``.

The update of a GRU with the encoder's output as its candidate: the gate sees the output and r_{k-1}, and mixes them
coordinate by coordinate. A reset gate is missing on purpose, since the encoder itself reads r_{k-1}. A step can thus
leave unchanged what is already right, so that more steps than in training need not hurt. Source: RecRec, arXiv
2607.12945; Cho et al. 2014, arXiv 1406.1078.
"""

import torch
from torch import Tensor

from minirearec.nn.ops import linear, sigmoid
from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning


def gated(weights: dict, state: Tensor, output: Tensor) -> Tensor:
    """Mix a state with the encoder's output: ``r + z (o - r)`` with ``z = sigmoid(W [o, r] + b)``.

    Shapes: all [B, Q, D]. Twin: ``reference.reasoners.gru.gated``.
    """
    gate = sigmoid(linear(torch.cat([output, state], -1), **weights["update_gate"]))
    return state + gate * (output - state)


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = r_{k-1} + z (o - r_{k-1})`` with ``o = encoder(x | ...)`` and ``z = sigmoid(W [o, r_{k-1}] + b)``.

    Shapes: as in ``shared.step``; W [D, 2 D], z [B, Q, D]. Twin: ``reference.reasoners.gru.step``.
    """
    output, grown = reasoning_step(weights, x, item_cache, step_cache, mask, heads, drop, site)
    return gated(weights, state, output), grown


REASONERS["gru"] = step
