"""Think in items: a step also reads which items the step before expects, in PyTorch.

The states of a shared encoder never see the catalogue that they are compared with. Here the input of step k gets the
expected item of r_{k-1} as well: the mean of the vectors of its best M items, weighted by their probabilities. It
passes through a LayerNorm of its own, whose weight begins at 0: training begins as with ``shared`` and learns how much
of its guess the model reads back. The choice of the best M has no gradient; their probabilities have one. A mean over
the whole catalogue needs no choice, but would take seven products with the catalogue per step, forward and backward;
with the choice, one is enough.

Twin: ``minirearec.reference.reasoners.items``. Source: ours.
"""

import torch
from torch import Tensor

from minirearec.nn.chunked import chunk_rows, product
from minirearec.nn.ops import embedding, layer_norm, softmax, unit
from minirearec.nn.registries import REASONERS
from minirearec.nn.steps import reasoning_step
from minirearec.parts import SHARED, Reasoning

GROUP = 16  # items whose best one is found first; choosing among the rest is the slow part


def best_items(table: Tensor, state: Tensor, guesses: int, scores: str = "dot") -> Tensor:
    """Return the items with the highest scores of each state, best first, or all items if there are no more.

    The M best items lie in the M groups with the highest maxima: a quick pass finds the groups, and only the scores
    in these are sorted. In training the scores have the precision of the run. Without gradient.
    Shapes: table [V, D], state [B, Q, D], out [B, Q, M].
    Twin: ``reference.reasoners.items.best_items``.
    """
    with torch.no_grad():
        table = unit(table) if scores == "cosine" else table
        M = min(guesses, len(table))
        if not state.requires_grad:  # outside of training, rows are few
            return _best(state.flatten(0, 1) @ table.T, M).view(*state.shape[:2], M)
        parts = state.flatten(0, 1).split(chunk_rows(len(table)))
        return torch.cat([_best(product(part, table.T), M) for part in parts]).view(*state.shape[:2], M)


def _best(scores: Tensor, M: int) -> Tensor:
    """Return the places of the M highest scores of each row: [R, V] -> [R, M]."""
    R, V = scores.shape
    groups = V // GROUP  # group g has the items g, g + groups, g + 2 groups, ...
    if groups <= 2 * M:
        return scores.topk(M).indices
    highest = scores[:, :GROUP * groups].view(R, GROUP, groups).amax(1).topk(M).indices  # [R, M]
    places = (highest[:, :, None] + groups * torch.arange(GROUP, device=scores.device)).flatten(1)
    rest = torch.arange(groups * GROUP, V, device=scores.device).expand(R, -1)
    places = torch.cat([places, rest], 1)
    return places.gather(1, scores.gather(1, places).topk(M).indices)


def expected_item(table: Tensor, state: Tensor, chosen: Tensor, sharpness: Tensor, scores: str = "dot") -> Tensor:
    """Return the mean of the vectors of chosen items: ``e = sum_m q_m E_m`` with ``q = softmax_m(a r . E_m)``.

    With scores "cosine", r and E_m have length 1 inside the softmax. Shapes: table [V, D], state [B, Q, D], chosen
    [B, Q, M] indices, sharpness a [1], out [B, Q, D]. Twin: ``reference.reasoners.items.expected_item``.
    """
    vectors = embedding(table, chosen)  # [B, Q, M, D]
    compared, keys = (unit(state), unit(vectors)) if scores == "cosine" else (state, vectors)
    shares = softmax(sharpness * (keys @ compared[..., None])[..., 0])  # [B, Q, M]
    return (shares[:, :, None] @ vectors)[:, :, 0]


def guess(weights: dict, state: Tensor, reasoning: Reasoning = SHARED) -> Tensor:
    """Return what a step reads of its guess: ``LayerNorm(expected item)``, 0 at the start of training.

    Shapes: state and out [B, Q, D]. Twin: ``reference.reasoners.items.guess``.
    """
    table = weights["item_embedding"]
    chosen = best_items(table, state, reasoning.guesses, reasoning.scores)
    expected = expected_item(table, state, chosen, weights["sharpness"], reasoning.scores)
    return layer_norm(expected, **weights["guess_norm"])


def step(weights: dict, state: Tensor, x: Tensor, item_cache: list, step_cache: list, mask: Tensor, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[Tensor, list]:
    """Return ``r_k = encoder(x + guess(r_{k-1}) | items, steps before k)``.

    Shapes: as in ``shared.step``. Twin: ``reference.reasoners.items.step``.
    """
    return reasoning_step(weights, x + guess(weights, state, reasoning), item_cache, step_cache, mask, heads, drop,
                          site)


REASONERS["items"] = step
