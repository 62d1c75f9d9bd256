"""Think in parallel: several streams take every step side by side, in PyTorch.

Each of M streams marks the input of a step with a vector of its own and sees its own earlier steps, not those of the
others. The mean of what the streams reach is the state, from which all of them take the next step. So a step is as wide
as M of the paper's, and as deep as one of them.

Twin: ``minirearec.reference.reasoners.paths``. Source: ours, after PLR (Tang et al. 2026, arXiv 2601.03153), whose
streams do not meet before a gate mixes their last states.
"""

from torch import Tensor

from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning


def spread(weights: dict, x: Tensor) -> Tensor:
    """Return the input of every stream, ``x + o_m``: [B, Q, D] -> [B, Q M, D].

    Twin: ``reference.reasoners.paths.spread``.
    """
    return (x[:, :, None] + weights["path_embedding"]).flatten(1, 2)


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = mean_m encoder(x + o_m | items, steps of stream m before k)``.

    Shapes: as in ``shared.step``, but the step cache holds keys and values of all streams, [B, H, Q M, k, D/H].
    Twin: ``reference.reasoners.paths.step``.
    """
    M = len(weights["path_embedding"])
    reached, grown = reasoning_step(weights, spread(weights, x), item_cache, step_cache, mask.repeat_interleave(M, 2),
                                    heads, drop, site)
    return reached.unflatten(1, (-1, M)).mean(2), grown


REASONERS["paths"] = step
