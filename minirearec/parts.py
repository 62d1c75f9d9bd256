"""The tables of backbones, item encoders and reasoners, and the initial weights of each.

The computation is in ``nn/backbones``, ``nn/items`` and ``nn/reasoners``, in a file named after the part, with a twin
in ``reference``. To add a part, write those two files and one entry here; ``minirearec.register`` does the same from
outside the package.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from minirearec.registry import Registry

POSITIONS = ("absolute", "recency", "relative")  # see ``nn.positions``


class Start(NamedTuple):
    """The start of an array of weights: its shape and the value that fills it, or None to draw N(0, initial_std^2).

    ``like``: the dotted name of an earlier array of which it starts as a copy.
    """

    shape: tuple[int, ...]
    fill: float | None = None
    like: str = ""


@dataclass(frozen=True, eq=False)
class ItemEncoder:
    """A way to give every item a vector. ``starts(config, n_items)`` is the nested dict of its weights.

    An encoder that ``needs_features`` reads the frozen matrix ``weights["item_features"]`` [V, F], which is not one of
    its weights; ``config.feature_width`` is F. ``defaults`` are settings that replace those of ``Config``.
    ``kept(config, n_items)``: how many numbers training keeps of the item table for the way back.
    """

    name: str
    help: str
    starts: Callable[[Any, int], dict]
    needs_features: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    kept: Callable[[Any, int], int] = lambda config, n_items: 0


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


@dataclass(frozen=True)
class Reasoning:
    """How the steps of a model are computed: the name of its reasoner, and what that reads besides weights.

    ``scores``: how a state and an item are compared, "dot" or "cosine"; ``guesses``: see ``nn.reasoners.items``.
    """

    name: str = "shared"
    scores: str = "dot"
    guesses: int = 10


SHARED = Reasoning()


@dataclass(frozen=True, eq=False)
class Reasoner:
    """A way to compute r_k from r_{k-1}. ``starts(config)`` is the nested dict of its weights; there are none at K = 0.

    ``positions``: whether a method may mark its inputs with the embeddings p_k. ``everywhere``: all items of a history
    take the steps, and not only the position that recommends. ``whole_catalogue``: it reads the table of all items, so
    a loss must not replace it by a few rows. ``minirearec bench`` counts work with the rest: ``streams(config)``, the
    passes of a position in one step; ``products(config, n_items)``, what it multiplies for a pass besides the blocks,
    as inputs and outputs of each product: with a gradient, and without.
    """

    name: str
    help: str
    starts: Callable[[Any], dict] = lambda config: {}
    positions: bool = True
    everywhere: bool = False
    whole_catalogue: bool = False
    streams: Callable[[Any], int] = lambda config: 1
    products: Callable[[Any, int], tuple[list, list]] = lambda config, n_items: ([], [])


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


def norm_starts(width: int, weight: float = 1.0) -> dict:
    """Return the weights of a LayerNorm."""
    return {"weight": Start((width,), weight), "bias": Start((width,), 0.0)}


def block_starts(config) -> dict:
    """Return the weights of a transformer block."""
    D, inner, linear = config.width, config.inner_width, linear_starts
    return {"query": linear(D, D), "key": linear(D, D), "value": linear(D, D), "output": linear(D, D),
            "attention_norm": norm_starts(D), "inner": linear(inner, D), "outer": linear(D, inner),
            "inner_norm": norm_starts(D)}


def transformer_starts(config, sides: int = 1) -> dict:
    """Return the weights of the transformer, causal (1 side) or not (2)."""
    return {**position_starts(config, sides), "input_norm": norm_starts(config.width),
            "blocks": [block_starts(config) for _ in range(config.layers)]}


def like(tree, place: str):
    """Return the starts of weights that begin as copies of those at a place, such as "blocks.0"."""
    if isinstance(tree, dict):
        return {name: like(part, f"{place}.{name}") for name, part in tree.items()}
    return Start(tree.shape, like=place)


def separate_starts(config) -> dict:
    """Return the weights of blocks that only the steps pass through; they begin as copies of the encoder's."""
    return {"reasoning_norm": like(norm_starts(config.width), "input_norm"),
            "reasoning_blocks": [like(block_starts(config), f"blocks.{index}") for index in range(config.layers)]}


def adapter_starts(config) -> dict:
    """Return the weights of two adapters for each block; their last layers begin at 0, as if there were none."""
    D, A = config.width, config.adapter_width

    def bottleneck():
        up = {"weight": Start((D, A), 0.0), "bias": Start((D,), 0.0)}
        return {"down": linear_starts(A, D), "up": up}

    return {"adapters": [{"attention": bottleneck(), "feed_forward": bottleneck()} for _ in range(config.layers)]}


def gru_starts(config) -> dict:
    """Return the weights of the update gate, which reads the encoder's output and r_{k-1}."""
    return {"update_gate": linear_starts(config.width, 2 * config.width)}


def items_starts(config) -> dict:
    """Return the LayerNorm of the expected item; it begins at 0, so that a step begins as ``shared``."""
    return {"guess_norm": norm_starts(config.width, 0.0), "sharpness": Start((1,), 1.0)}


def paths_starts(config) -> dict:
    """Return the vectors that mark the streams."""
    return {"path_embedding": Start((config.paths, config.width))}


def lares_starts(config) -> dict:
    """Return the weights of the core, which all items pass through at every step."""
    return {"reasoning_norm": norm_starts(config.width),
            "reasoning_blocks": [block_starts(config) for _ in range(config.layers)]}


def adapter_products(config, n_items: int) -> tuple[list, list]:
    """Return the products of two adapters in each block."""
    return [(config.width, config.adapter_width), (config.adapter_width, config.width)] * (2 * config.layers), []


def gru_products(config, n_items: int) -> tuple[list, list]:
    """Return the product of the update gate."""
    return [(2 * config.width, config.width)], []


def items_products(config, n_items: int) -> tuple[list, list]:
    """Return the products of the expected item: the scores and sum of the best; the scores of all, which choose."""
    M = min(config.guesses, n_items)
    return [(config.width, M), (M, config.width)], [(config.width, n_items)]


ITEM_ENCODERS: Registry[ItemEncoder] = Registry("item encoder", "--items")
ITEM_ENCODERS["id"] = ItemEncoder("id", "one free vector for each item", id_starts)
ITEM_ENCODERS["unisrec"] = ItemEncoder("unisrec", "features, whitened by experts that a gate mixes", unisrec_starts,
                                       needs_features=True, defaults={"contrast": "seen"},
                                       kept=lambda config, n_items: config.experts * n_items * config.width)
ITEM_ENCODERS["morec"] = ItemEncoder("morec", "features, projected by layers with GELU", morec_starts,
                                     needs_features=True, defaults={"contrast": "seen"})

BACKBONES: Registry[Backbone] = Registry("backbone", "--backbone")
BACKBONES["sasrec"] = Backbone("sasrec", "causal transformer: an item sees itself and what came before",
                               transformer_starts, positions=POSITIONS)
BACKBONES["bert4rec"] = Backbone("bert4rec", "bidirectional transformer: the items of a prefix see each other; every "
                               "prefix needs its own pass", partial(transformer_starts, sides=2), causal=False,
                               positions=POSITIONS)

REASONERS: Registry[Reasoner] = Registry("reasoner", "--reasoner")
REASONERS.update({one.name: one for one in (
    Reasoner("shared", "a step passes through the blocks of the encoder, as in the paper"),
    Reasoner("separate", "blocks of their own for the steps", separate_starts),
    Reasoner("adapter", "the blocks of the encoder, with small adapters that only the steps use", adapter_starts,
             products=adapter_products),
    Reasoner("gru", "an update gate mixes the state with the encoder's output", gru_starts, products=gru_products),
    Reasoner("items", "a step also reads the expected item of the step before", items_starts, whole_catalogue=True,
             products=items_products),
    Reasoner("paths", "streams pass through the blocks of the encoder side by side; a step is their mean",
             paths_starts, streams=lambda config: config.paths),
    Reasoner("lares", "all items of a history take the steps, through blocks of their own", lares_starts,
             positions=False, everywhere=True))})
