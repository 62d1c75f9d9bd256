"""What NumPy can compute, by name: objectives, backbones, item encoders, reasoners. Each file adds its entry."""

from collections.abc import Callable
from typing import NamedTuple

from minirearec.config import ModelConfig
from minirearec.objective import Objective
from minirearec.registry import Registry


class Encoder(NamedTuple):
    """A backbone with its way back; see ``backbones.sasrec``. One that is not causal takes lengths: see ``bert4rec``.

    The last two are the same for the last state alone, for a backbone that has a shorter way to it.
    """

    encode_keeping: Callable  # (weights, items, heads, drop[, lengths]) -> (states, cache, kept)
    encode_way_back: Callable  # ((grad_states, grad_cache), weights, items, heads, drop, cache, kept) -> gradients
    encode_last_keeping: Callable | None = None  # (weights, items, lengths, heads, drop) -> (state, cache, kept)
    encode_last_way_back: Callable | None = None  # as encode_way_back, with grad_state [B, 1, D]


class Items(NamedTuple):
    """An item encoder with its backward pass; see ``items.id``."""

    item_table: Callable  # (weights, drop) -> [V, D]
    item_table_backward: Callable  # (grad_table, weights, drop) -> gradients of the weights that it reads


class Steps(NamedTuple):
    """A reasoner with its way back; see ``reasoners.shared``."""

    step_keeping: Callable  # (weights, state, x, item_cache, step_cache, mask, heads, ...) -> (r_k, grown, kept)
    step_way_back: Callable  # ((grad, grad_grown), weights, x, item_cache, grown, mask, heads, ..., kept) -> gradients

    def backward(self, grad_out, weights, state, x, item_cache, step_cache, mask, heads, drop, site, reasoning):
        """Take a step and go back through it: the gradients of weights, r_{k-1}, x, item cache and step cache."""
        *_, grown, kept = self.step_keeping(weights, state, x, item_cache, step_cache, mask, heads, drop, site,
                                            reasoning)
        *gradients, grad_steps = self.step_way_back(grad_out, weights, x, item_cache, grown, mask, heads, drop, site,
                                                    kept, reasoning)
        return *gradients, grad_steps if step_cache else []


# See ``objective.Objective``.
OBJECTIVES: Registry[Objective] = Registry("objective in NumPy", "--method", "minirearec.reference.objectives")
BACKBONES: Registry[Encoder] = Registry("backbone in NumPy", "--backbone", "minirearec.reference.backbones")
ITEM_ENCODERS: Registry[Items] = Registry("item encoder in NumPy", "--items", "minirearec.reference.items")
REASONERS: Registry[Steps] = Registry("reasoner in NumPy", "--reasoner", "minirearec.reference.reasoners")


def parts_of(model: ModelConfig) -> tuple:
    """Return the functions of a model's backbone, items and steps. Raises ConfigError if NumPy lacks one of them."""
    return BACKBONES[model.backbone], ITEM_ENCODERS[model.items], REASONERS[model.reasoner] if model.steps else None
