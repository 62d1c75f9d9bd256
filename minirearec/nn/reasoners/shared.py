"""A step is one more position of the encoder, as in the paper, in PyTorch.

Twin: ``minirearec.reference.reasoners.shared``. Source: paper section 3.2.
"""

from torch import Tensor

from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = encoder(x | items, steps before k)`` and the step cache; see ``steps.reasoning_step``.

    This is the form of all reasoners. Shapes: state r_{k-1} [B, Q, D]; x [B, Q, D], the reasoning input r_{k-1} + p_k,
    with noise in a noised pass; the others as in ``reasoning_step``. Twin: ``reference.reasoners.shared.step``.
    """
    return reasoning_step(weights, x, item_cache, step_cache, mask, heads, drop, site)


REASONERS["shared"] = step
