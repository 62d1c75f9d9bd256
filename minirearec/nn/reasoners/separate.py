"""The steps have blocks of their own, in PyTorch.

Twin: ``minirearec.reference.reasoners.separate``.

The paper shares the encoder's blocks with the steps and names their separation as future work 2. Here only the steps
pass through "reasoning_norm" and "reasoning_blocks", as many as the encoder has. They attend to the keys and values
that the encoder cached for the items: a step costs what it costs with ``shared``, and the encoder need not compute
last states that nothing reads. The blocks begin as copies of the encoder's, so that training begins as with ``shared``
and keys of steps and of items are comparable from the start. Source: paper section 6.
"""

from torch import Tensor

from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning


def own_weights(weights: dict) -> dict:
    """Return the weights with the blocks of the steps in the place of the encoder's.

    Twin: ``reference.reasoners.separate.own_weights``.
    """
    others = {name: part for name, part in weights.items() if name not in ("reasoning_norm", "reasoning_blocks")}
    return {**others, "input_norm": weights["reasoning_norm"], "blocks": weights["reasoning_blocks"]}


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = reasoning_blocks(reasoning_norm(x) | items, steps before k)``.

    Shapes: as in ``shared.step``. Twin: ``reference.reasoners.separate.step``.
    """
    return reasoning_step(own_weights(weights), x, item_cache, step_cache, mask, heads, drop, site)


REASONERS["separate"] = step
