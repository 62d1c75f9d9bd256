"""What PyTorch can compute, by name: objectives, backbones, item encoders, reasoners. Each file adds its entry."""

from collections.abc import Callable

from minirearec.config import ModelConfig
from minirearec.objective import Objective
from minirearec.registry import Registry

# See ``objective.Objective``.
OBJECTIVES: Registry[Objective] = Registry("objective in PyTorch", "--method", "minirearec.nn.objectives")
# ``encode(weights, items, heads, drop) -> (states, cache)``; see ``backbones.sasrec.encode``. A backbone that is not
# causal also takes ``lengths``; see ``backbones.bert4rec.encode``.
BACKBONES: Registry[Callable] = Registry("backbone in PyTorch", "--backbone", "minirearec.nn.backbones")
# ``encode_last(weights, items, lengths, heads, drop) -> (state, cache)``, for backbones that have a shorter way to the
# last state; see ``backbones.sasrec.encode_last``.
LAST_ENCODERS: dict[str, Callable] = {}
# ``item_table(weights, drop) -> [V, D]``; see ``items.id.item_table``.
ITEM_ENCODERS: Registry[Callable] = Registry("item encoder in PyTorch", "--items", "minirearec.nn.items")
# ``step(weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning) -> (r_k, step cache)``; see
# ``reasoners.shared.step``.
REASONERS: Registry[Callable] = Registry("reasoner in PyTorch", "--reasoner", "minirearec.nn.reasoners")


def parts_of(model: ModelConfig) -> tuple:
    """Return the functions of a model's backbone, items and steps. Raises ConfigError if PyTorch lacks one of them."""
    return BACKBONES[model.backbone], ITEM_ENCODERS[model.items], REASONERS[model.reasoner] if model.steps else None
