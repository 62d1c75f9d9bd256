"""The steps pass through the encoder's blocks, with small adapters of their own, in PyTorch.

Twin: ``minirearec.reference.reasoners.adapter``.

An adapter is a bottleneck beside a residual: ``u + up(gelu(down(u)))``. Each block has two, after its attention and
after its feed-forward layer, and only the steps use them. ``up`` begins at 0, so that training begins as with
``shared``. Source: Houlsby et al. 2019, arXiv 1902.00751.
"""

from torch import Tensor

from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning


def with_adapters(weights: dict) -> dict:
    """Return the weights with adapters in every block. Twin: ``reference.reasoners.adapter.with_adapters``."""
    blocks = [{**block, "adapters": own} for block, own in zip(weights["blocks"], weights["adapters"], strict=True)]
    return {**{name: part for name, part in weights.items() if name != "adapters"}, "blocks": blocks}


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = encoder with adapters(x | items, steps before k)``.

    Shapes: as in ``shared.step``; see also ``backbones.blocks.adapted``. Twin: ``reference.reasoners.adapter.step``.
    """
    return reasoning_step(with_adapters(weights), x, item_cache, step_cache, mask, heads, drop, site)


REASONERS["adapter"] = step
