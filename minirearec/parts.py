"""The tables of backbones and item encoders, and the initial weights of each.

The computation is in ``nn/backbones`` and ``nn/items``, in a file named after the part, with a twin in ``reference``.
To add a part, write those two files and one entry here; ``minirearec.register`` does the same from outside the package.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from minirearec.registry import Registry

POSITIONS = ("absolute", "recency", "relative")  # see ``nn.positions``


class Start(NamedTuple):
    """The start of an array of weights: its shape and the value that fills it, or None to draw N(0, initial_std^2)."""

    shape: tuple[int, ...]
    fill: float | None = None


@dataclass(frozen=True, eq=False)
class ItemEncoder:
    """A way to give every item a vector. ``starts(config, n_items)`` is the nested dict of its weights.

    An encoder that ``needs_features`` reads the frozen matrix ``weights["item_features"]`` [V, F], which is no weight
    of its own; ``config.feature_width`` is F. ``defaults`` are settings that replace those of ``Config``.
    """

    name: str
    help: str
    starts: Callable[[Any, int], dict]
    needs_features: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Backbone:
    """A sequence encoder: it computes r_0 of every prefix. ``starts(config)`` is the nested dict of its weights.

    In a ``causal`` one the state of a position depends only on the items up to that position, so that one pass over a
    history gives r_0 of all its prefixes. Any other encodes every prefix by itself. ``positions``: the settings of
    ``--positions`` that it can do; see ``nn.positions``.
    """

    name: str
    help: str
    starts: Callable[[Any], dict]
    causal: bool = True
    positions: tuple[str, ...] = ("absolute",)


def id_starts(config, n_items: int) -> dict:
    """Return the weights of the id table: one free vector for each item."""
    return {"item_embedding": Start((n_items, config.width))}


def free_starts(config, n_items: int) -> dict:
    """Return the free vectors that ``with_ids`` adds to those of an item encoder.

    They begin at 0, so that an item that training never saw keeps the vector of its features.
    """
    return {"item_embedding": Start((n_items, config.width), 0.0)} if config.with_ids else {}


def unisrec_starts(config, n_items: int) -> dict:
    """Return the weights of the whitening experts and of their gate."""
    F, G = config.feature_width, config.experts
    return {"item_encoder": {"expert_weight": Start((G, F, config.width)), "expert_mean": Start((G, F), 0.0),
                             "gate": Start((F, G), 0.0), "gate_noise": Start((F, G), 0.0)},
            **free_starts(config, n_items)}


def morec_starts(config, n_items: int) -> dict:
    """Return the weights of the projection: a layer from the features to the width, and further ones."""
    inputs = [config.feature_width, *[config.width] * config.projection_layers]
    return {"item_encoder": {"layers": [linear_starts(config.width, width) for width in inputs]},
            **free_starts(config, n_items)}


def linear_starts(outputs: int, inputs: int) -> dict:
    """Return the weights of a linear layer."""
    return {"weight": Start((outputs, inputs)), "bias": Start((outputs,), 0.0)}


def position_starts(config, sides: int) -> dict:
    """Return the weights of positions; see ``nn.positions``. ``sides``: 2 where an item also sees later ones."""
    kinds = {"absolute": {"position_embedding": Start((config.max_length, config.width))},
             "recency": {"recency_embedding": Start((config.max_length, config.width))},
             "relative": {"distance_bias": Start((config.heads, sides, config.max_length), 0.0)}}
    return kinds[config.positions]


def transformer_starts(config, sides: int = 1) -> dict:
    """Return the weights of the transformer, causal (1 side) or not (2)."""
    D, inner, linear = config.width, config.inner_width, linear_starts

    def norm():
        return {"weight": Start((D,), 1.0), "bias": Start((D,), 0.0)}

    return {**position_starts(config, sides), "input_norm": norm(),
            "blocks": [{"query": linear(D, D), "key": linear(D, D), "value": linear(D, D), "output": linear(D, D),
                        "attention_norm": norm(), "inner": linear(inner, D), "outer": linear(D, inner),
                        "inner_norm": norm()} for _ in range(config.layers)]}


ITEM_ENCODERS: Registry[ItemEncoder] = Registry("item encoder", "--items")
ITEM_ENCODERS["id"] = ItemEncoder("id", "one free vector for each item", id_starts)
ITEM_ENCODERS["unisrec"] = ItemEncoder("unisrec", "features, whitened by experts that a gate mixes", unisrec_starts,
                                       needs_features=True, defaults={"contrast": "seen"})
ITEM_ENCODERS["morec"] = ItemEncoder("morec", "features, projected by layers with GELU", morec_starts,
                                     needs_features=True, defaults={"contrast": "seen"})

BACKBONES: Registry[Backbone] = Registry("backbone", "--backbone")
BACKBONES["sasrec"] = Backbone("sasrec", "causal transformer: an item sees itself and what came before",
                               transformer_starts, positions=POSITIONS)
BACKBONES["bert4rec"] = Backbone("bert4rec", "bidirectional transformer: the items of a prefix see each other; every "
                                 "prefix needs its own pass", partial(transformer_starts, sides=2), causal=False,
                                 positions=POSITIONS)
