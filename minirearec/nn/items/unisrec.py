"""UniSRec's item vectors: frozen features, whitened by experts that a gate mixes, in PyTorch.

Twin: ``minirearec.reference.items.unisrec``.
"""

from torch import Tensor
from torch.nn.functional import softplus

from minirearec.nn.chunked import product
from minirearec.nn.ops import apply_dropout, softmax
from minirearec.nn.registries import ITEM_ENCODERS

LEAST_NOISE = 0.01  # the standard deviation of the gate's noise is never below this


def item_table(weights: dict, drop=None) -> Tensor:
    """Return the vectors of all items: ``e = sum_g a_g (drop(x) - b_g) W_g``, plus a free vector with ``with_ids``.

    Every expert g subtracts a mean b_g from the features x and maps the result with W_g (parametric whitening). The
    gate weighs all experts: ``a = softmax(x W_gate)``, and in training
    ``a = softmax(x W_gate + n (softplus(x W_noise) + 0.01))`` with n from N(0, 1). A ``drop`` means training; one
    dropout of x serves all experts, where the source draws one for each. An item without features (x = 0) gets
    ``-sum_g b_g W_g / G``, which all such items share.

    Shapes: weights["item_features"] [V, F], which do not train; in weights["item_encoder"] expert_weight [G, F, D],
    expert_mean [G, F], gate and gate_noise [F, G]; weights["item_embedding"] [V, D] or absent; out [V, D].
    Source: Hou et al. 2022, arXiv 2206.05941, section 2.2. Twin: ``reference.items.unisrec.item_table``.
    """
    x, encoder = weights["item_features"], weights["item_encoder"]
    weight, mean = encoder["expert_weight"], encoder["expert_mean"]
    gates = _gates(x, encoder, drop)
    dropped = apply_dropout(x, drop, "encoder.adaptor")
    table = -gates @ (mean[:, None] @ weight)[:, 0]  # of the means, as (x - b) W = x W - b W
    for g in range(len(weight)):
        table = table + gates[:, g, None] * product(dropped, weight[g])
    return table + weights["item_embedding"] if "item_embedding" in weights else table


def _gates(x: Tensor, encoder: dict, drop) -> Tensor:
    """Return the weight of every expert for every item [V, G]; each row sums to 1."""
    logits = x @ encoder["gate"]
    noise = 0.0 if drop is None else drop.normal(logits, "encoder.gate")
    return softmax(logits + noise * (softplus(x @ encoder["gate_noise"]) + LEAST_NOISE))


ITEM_ENCODERS["unisrec"] = item_table
