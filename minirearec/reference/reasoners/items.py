"""Think in items: a step also reads which items the step before expects, with gradients.

Twin: ``minirearec.nn.reasoners.items``, which says why.
"""

import numpy as np
from numpy import ndarray

from minirearec.parts import SHARED, Reasoning
from minirearec.reference.ops import (
    embedding,
    embedding_backward,
    layer_norm,
    layer_norm_backward,
    softmax,
    through_softmax,
    unit,
    unit_backward,
)
from minirearec.reference.registries import REASONERS, Steps
from minirearec.reference.steps import reasoning_step_keeping, reasoning_step_way_back
from minirearec.weights import add


def best_items(table: ndarray, state: ndarray, guesses: int, scores: str = "dot") -> ndarray:
    """Return the items with the highest scores of each state, best first, or all items if there are no more.

    Shapes: table [V, D], state [B, Q, D], out [B, Q, M]. Without gradient.
    Twin: ``nn.reasoners.items.best_items``.
    """
    table, states = unit(table) if scores == "cosine" else table, state.reshape(-1, state.shape[-1])
    M = min(guesses, len(table))
    best = [np.argsort(-(table @ one), kind="stable")[:M] for one in states]
    return np.array(best).reshape(*state.shape[:2], M)


def expected_item(table: ndarray, state: ndarray, chosen: ndarray, sharpness: ndarray, scores: str = "dot") -> ndarray:
    """Return the mean of the vectors of chosen items: ``e = sum_m q_m E_m`` with ``q = softmax_m(a r . E_m)``.

    With scores "cosine", r and E_m have length 1 inside the softmax. Shapes: table [V, D], state [B, Q, D], chosen
    [B, Q, M] indices, sharpness a [1], out [B, Q, D]. Twin: ``nn.reasoners.items.expected_item``.
    """
    vectors, _, _, _, shares = _attend(table, state, chosen, sharpness, scores)
    return np.einsum("bqm,bqmd->bqd", shares, vectors)


def _attend(table, state, chosen, sharpness, scores) -> tuple[ndarray, ...]:
    """Return the vectors of the chosen items, r and the vectors as they are compared, their products and q."""
    vectors = embedding(table, chosen)  # [B, Q, M, D]
    compared, keys = (unit(state), unit(vectors)) if scores == "cosine" else (state, vectors)
    products = np.einsum("bqd,bqmd->bqm", compared, keys)
    return vectors, compared, keys, products, softmax(sharpness * products)


def expected_item_backward(grad_out: ndarray, table: ndarray, state: ndarray, chosen: ndarray, sharpness: ndarray,
                           scores: str = "dot") -> tuple[ndarray, ndarray, ndarray]:
    """Return dE [V, D], dr [B, Q, D] and da [1]; the choice is a constant.

    An item's vector is read twice, as a value and as a key. With ``s_m = a p_m``, ``p_m = r . E_m`` and ``q =
    softmax(s)``: ``dq_m = G . E_m``, ``ds = q (dq - sum_m q_m dq_m)``, ``da = sum ds p``, ``dr = a sum_m ds_m E_m`` and
    ``dE_m = q_m G + a ds_m r``, added up over all places of an item. With cosines, what belongs to a product also goes
    back through ``unit``.
    """
    vectors, compared, keys, products, shares = _attend(table, state, chosen, sharpness, scores)
    grad_scores = through_softmax(np.einsum("bqd,bqmd->bqm", grad_out, vectors), shares)
    grad_products = sharpness * grad_scores
    grad_state = np.einsum("bqm,bqmd->bqd", grad_products, keys)
    grad_keys = grad_products[..., None] * compared[:, :, None]
    if scores == "cosine":
        grad_state, grad_keys = unit_backward(grad_state, state), unit_backward(grad_keys, vectors)
    grad_vectors = grad_keys + shares[..., None] * grad_out[:, :, None]
    grad_sharpness = (grad_scores * products).sum().reshape(1)
    return embedding_backward(grad_vectors, table, chosen), grad_state, grad_sharpness


def guess(weights: dict, state: ndarray, reasoning: Reasoning = SHARED) -> ndarray:
    """Return what a step reads of its guess: ``LayerNorm(expected item)``, 0 at the start of training.

    Shapes: state and out [B, Q, D]. Twin: ``nn.reasoners.items.guess``.
    """
    *_, expected = _expect(weights, state, reasoning)
    return layer_norm(expected, **weights["guess_norm"])


def _expect(weights: dict, state: ndarray, reasoning: Reasoning) -> tuple[ndarray, ndarray]:
    """Return the best items of each state and their mean."""
    table = weights["item_embedding"]
    chosen = best_items(table, state, reasoning.guesses, reasoning.scores)
    return chosen, expected_item(table, state, chosen, weights["sharpness"], reasoning.scores)


def guess_backward(grad_out: ndarray, weights: dict, state: ndarray,
                   reasoning: Reasoning = SHARED) -> tuple[dict, ndarray]:
    """Go back through LayerNorm and the mean: return the gradients of table, sharpness and LayerNorm, and dr."""
    chosen, expected = _expect(weights, state, reasoning)
    grad_expected, grad_weight, grad_bias = layer_norm_backward(grad_out, expected, **weights["guess_norm"])
    grad_table, grad_state, grad_sharpness = expected_item_backward(
        grad_expected, weights["item_embedding"], state, chosen, weights["sharpness"], reasoning.scores)
    return {"item_embedding": grad_table, "sharpness": grad_sharpness,
            "guess_norm": {"weight": grad_weight, "bias": grad_bias}}, grad_state


def step(weights: dict, state: ndarray, x: ndarray, item_cache: list, step_cache: list, mask: ndarray, heads: int,
         drop=None, site: str = "", reasoning: Reasoning = SHARED) -> tuple[ndarray, list]:
    """Return ``r_k = encoder(x + guess(r_{k-1}) | items, steps before k)``.

    Shapes: as in ``shared.step``. Twin: ``nn.reasoners.items.step``.
    """
    return step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)[:2]


def step_backward(grad_out: tuple[ndarray, list], weights: dict, state: ndarray, x: ndarray, item_cache: list,
                  step_cache: list, mask: ndarray, heads: int, drop=None, site: str = "",
                  reasoning: Reasoning = SHARED) -> tuple[dict, ndarray, ndarray, list, list]:
    """Go back through the encoder; what its input receives goes to x and through the guess to r_{k-1} and the table.

    Returns the gradients of the weights, of r_{k-1}, of x, of the item cache and of the step cache.
    """
    return Steps(step_keeping, step_way_back).backward(
        grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning)


def step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
    """Take a step, and keep what the way back needs."""
    given = x + guess(weights, state, reasoning)
    reached, grown, kept = reasoning_step_keeping(weights, given, item_cache, step_cache, mask, heads, drop, site)
    return reached, grown, (state, given, kept)


def step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site, kept, reasoning):
    """Run the second half of step_backward, from the result of step_keeping."""
    state, given, inside = kept
    gradients, grad_given, grad_items, grad_steps = reasoning_step_way_back(
        grad_out, weights, given, item_cache, grown, mask, heads, drop, site, inside)
    of_guess, grad_state = guess_backward(grad_given, weights, state, reasoning)
    return add(gradients, of_guess), grad_state, grad_given, grad_items, grad_steps


REASONERS["items"] = Steps(step_keeping, step_way_back)
