"""UniSRec's item vectors, with gradients: frozen features, whitened by experts that a gate mixes.

Twin: ``minirearec.nn.items.unisrec``.
"""

import numpy as np
from numpy import ndarray

from minirearec.reference.ops import apply_dropout, sigmoid, softmax, through_softmax
from minirearec.reference.registries import ITEM_ENCODERS, Items

LEAST_NOISE = 0.01  # the standard deviation of the gate's noise is never below this


def item_table(weights: dict, drop=None) -> ndarray:
    """Return the vectors of all items: ``e = sum_g a_g (drop(x) - b_g) W_g``, plus a free vector with ``with_ids``.

    Every expert g subtracts a mean b_g from the features x and maps the result with W_g (parametric whitening). The
    gate weighs all experts: ``a = softmax(x W_gate)``, and in training
    ``a = softmax(x W_gate + n (softplus(x W_noise) + 0.01))`` with n from N(0, 1). A ``drop`` means training; one
    dropout of x serves all experts, where the source draws one for each. An item without features (x = 0) gets
    ``-sum_g b_g W_g / G``, which all such items share.

    Shapes: weights["item_features"] [V, F], which do not train; in weights["item_encoder"] expert_weight [G, F, D],
    expert_mean [G, F], gate and gate_noise [F, G]; weights["item_embedding"] [V, D] or absent; out [V, D].
    Source: Hou et al. 2022, arXiv 2206.05941, section 2.2. Twin: ``nn.items.unisrec.item_table``.
    """
    encoder, gates = weights["item_encoder"], _gates(weights, drop)[0]
    dropped = apply_dropout(weights["item_features"], drop, "encoder.adaptor")
    table = np.zeros((len(dropped), encoder["expert_weight"].shape[2]), dropped.dtype)
    for g, (mean, weight) in enumerate(zip(encoder["expert_mean"], encoder["expert_weight"], strict=True)):
        table += gates[:, g, None] * (_centred(dropped, mean) @ weight)  # one expert at a time: [V, F], not [G, V, F]
    return table + weights["item_embedding"] if "item_embedding" in weights else table


def item_table_backward(grad_out: ndarray, weights: dict, drop=None) -> dict:
    """Return the gradients of the weights in weights["item_encoder"], and of the free vectors if there are any.

    With ``c_g = drop(x) - b_g``, ``h_g = c_g W_g`` and logits ``z = x W_gate + n (softplus(x W_noise) + 0.01)``:
    ``dh_g = a_g G``, so ``dW_g = c_g^T dh_g`` and ``db_g = -sum_v dh_gv W_g^T``. ``da_g = G . h_g`` goes through the
    softmax to dz. Then ``dW_gate = x^T dz`` and, as the derivative of softplus is the sigmoid,
    ``dW_noise = x^T (dz n sigmoid(x W_noise))``, which is 0 without noise. The free vectors are added: theirs is G.
    The features are frozen: they get no gradient.
    """
    x, encoder = weights["item_features"], weights["item_encoder"]
    dropped, weight = apply_dropout(x, drop, "encoder.adaptor"), encoder["expert_weight"]
    centred = _centred(dropped, encoder["expert_mean"][:, None])  # [G, V, F]
    gates, noise = _gates(weights, drop)
    grad_logits = through_softmax((grad_out * (centred @ weight)).sum(-1).T, gates)  # [V, G]
    grad_whitened = gates.T[:, :, None] * grad_out  # [G, V, D]
    gradients: dict = {"item_encoder": {
        "expert_weight": centred.swapaxes(1, 2) @ grad_whitened,
        "expert_mean": -np.einsum("gd,gfd->gf", grad_whitened.sum(1), weight),
        "gate": x.T @ grad_logits,
        "gate_noise": x.T @ (grad_logits * noise * sigmoid(x @ encoder["gate_noise"]))}}
    return {**gradients, "item_embedding": grad_out} if "item_embedding" in weights else gradients


def _centred(dropped: ndarray, mean: ndarray) -> ndarray:
    """Return the features as an expert sees them: ``drop(x) - b_g``."""
    return dropped - mean


def _gates(weights: dict, drop) -> tuple[ndarray, ndarray | float]:
    """Return the weight of every expert for every item [V, G], where each row sums to 1, and the noise n."""
    x, encoder = weights["item_features"], weights["item_encoder"]
    logits = x @ encoder["gate"]
    noise = 0.0 if drop is None else drop.normal(logits, "encoder.gate")
    return softmax(logits + noise * (np.logaddexp(0, x @ encoder["gate_noise"]) + LEAST_NOISE)), noise


ITEM_ENCODERS["unisrec"] = Items(item_table, item_table_backward)
