"""Trees of weights: the nested dicts that the model's functions read, and the flat dicts that files hold.

A tree is ``{"item_embedding": array, "blocks": [{"query": {"weight": array, "bias": array}, ...}, ...], ...}``;
the same weights flat are ``{"item_embedding": array, "blocks.0.query.weight": array, ...}``. The leaves may be
arrays of any library: only ``draw`` creates arrays, and nothing looks inside them.
"""

from typing import Any

import numpy as np

from minirearec.config import Config, ModelConfig
from minirearec.errors import ConfigError, RunError
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS, Start

SHOWN = 3  # a message names this many misfits and counts the rest


def nest(flat: dict) -> dict:
    """Turn dotted names into nested dicts; a level whose names are all numbers becomes a list."""
    tree: dict = {}
    for name, value in flat.items():
        *path, leaf = name.split(".")
        level = tree
        for part in path:
            level = level.setdefault(part, {})
        level[leaf] = value
    return _with_lists(tree)


def _with_lists(level) -> Any:
    if not isinstance(level, dict):
        return level
    level = {key: _with_lists(value) for key, value in level.items()}
    if level and all(key.isdigit() for key in level):
        return [level[str(index)] for index in range(len(level))]
    return level


def flatten(tree, prefix: str = "") -> dict:
    """Undo ``nest``: return one dict from dotted name to leaf."""
    if isinstance(tree, dict):
        parts = tree.items()
    elif isinstance(tree, list):
        parts = enumerate(tree)
    else:
        return {prefix: tree}
    flat: dict = {}
    for key, value in parts:
        flat |= flatten(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


def combine(function, *trees) -> Any:
    """Return the tree of ``function(leaf, leaf, ...)`` over trees of the same structure."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: combine(function, *(tree[key] for tree in trees)) for key in first}
    if isinstance(first, list):
        return [combine(function, *parts) for parts in zip(*trees, strict=True)]
    return function(*trees)


def add(*trees) -> Any:
    """Return the sum of gradient trees; a name that is missing from one of them counts as 0 there."""
    first = trees[0]
    if isinstance(first, dict):
        names = dict.fromkeys(key for tree in trees for key in tree)
        return {key: add(*(tree[key] for tree in trees if key in tree)) for key in names}
    if isinstance(first, list):
        return [add(*parts) for parts in zip(*trees, strict=True)]
    return sum(trees[1:], first)


def starts(config: ModelConfig, n_items: int, reasoning_positions: bool = True, own: dict | None = None) -> dict:
    """Return the start of every array of a model, flat: ``{"item_embedding": Start, ...}``, without any draws.

    ``reasoning_positions=False`` leaves the reasoning position embeddings out (the naive variant). ``own`` holds what
    the method learns besides the model. Tables come first, then layers, then what the steps alone read.
    Raises ConfigError for an item encoder that has no free vectors although the settings ask for some.
    """
    reasoner = REASONERS[config.reasoner]
    items = ITEM_ENCODERS[config.items].starts(config, n_items)
    if config.with_ids and "item_embedding" not in items:
        raise ConfigError(f"the item encoder {config.items} adds no free vectors", "--with-ids", "Leave it out.")
    tree = {**items, **BACKBONES[config.backbone].starts(config)}
    tables = {name: start for name, start in tree.items() if isinstance(start, Start)}
    if reasoning_positions and reasoner.positions and config.steps:
        tables["reasoning_embedding"] = Start((config.steps, config.width))
    if config.first_items:
        tables["empty_state"] = Start((config.width,))
    return flatten({**tables, **(own or {}), **{name: part for name, part in tree.items() if name not in tables},
                    **(reasoner.starts(config) if config.steps else {})})


def starts_of(config: Config, n_items: int) -> dict[str, Start]:
    """Return the start of every array of a configured model, including its method's own weights."""
    method = METHODS[config.objective.method]
    return starts(config.model, n_items, method.reasoning_positions, method.weights(config.model))


def draw(begin: dict[str, Start], std: float, seed: int) -> dict[str, np.ndarray]:
    """Fill or draw the arrays, float32, in the order of the dict, so that a seed repeats them."""
    rng = np.random.default_rng(seed)
    drawn = {name: (std * rng.standard_normal(start.shape)).astype(np.float32) if start.fill is None
             else np.full(start.shape, start.fill, np.float32) for name, start in begin.items() if not start.like}
    return {name: drawn[start.like].copy() if start.like else drawn[name] for name, start in begin.items()}


def initial_weights(config: ModelConfig, n_items: int, reasoning_positions: bool = True, seed: int = 0) -> dict:
    """Return the weights that training starts from, flat, float32. Both backends start from exactly these numbers.

    Tables and matrices are drawn from N(0, initial_std^2); LayerNorm starts at 1 and 0, biases at 0, unless a part says
    otherwise in its ``starts``. The weights of a method itself are not among them: see ``starts_of``.
    Source: paper, section 4.1.
    """
    return draw(starts(config, n_items, reasoning_positions), config.initial_std, seed)


def check_fit(found: dict, begin: dict[str, Start], where: str, fix: str) -> None:
    """Raise RunError, with names and shapes, unless the arrays are those of a model with these settings, and finite."""
    expected, shapes = ({name: tuple(value.shape) for name, value in flat.items()} for flat in (begin, found))
    wrong = [f"{name} has shape {list(shapes[name])} instead of {list(shape)}" for name, shape in expected.items()
             if shapes.get(name, shape) != shape]
    wrong += [f"{name} is missing" for name in expected if name not in shapes]
    wrong += [f"{name} is not part of the model" for name in shapes if name not in expected]
    if wrong:
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise RunError(f"the weights do not fit the settings: {', '.join(wrong[:SHOWN])}{more}", where, fix)
    for name, value in found.items():
        if value.size and not np.isfinite([value.min(), value.max()]).all():  # both are NaN if one value is
            raise RunError(f"{name} holds numbers that are infinite or not numbers (NaN)", where, fix)


def check_moments(found: dict, begin: dict[str, Start], averaged: bool) -> None:
    """Raise RunError unless the moments are those of a model: ``first.NAME``, ``second.NAME`` and ``steps``.

    With ``averaged`` weights, every ``trained.NAME`` must be there as well.
    """
    expected = {f"{which}.{name}": start for which in ("first", "second") for name, start in begin.items()}
    trained = {f"trained.{name}": start for name, start in begin.items() if averaged}
    check_fit(found, {**{name: start for name, start in expected.items() if name in found}, **trained,
                      "steps": Start((1,))}, "moments", "")
