"""Trees of weights: the nested dicts that the model's functions read, and the flat dicts that files hold.

A tree is ``{"item_embedding": array, "blocks": [{"query": {"weight": array, "bias": array}, ...}, ...], ...}``;
the same weights flat are ``{"item_embedding": array, "blocks.0.query.weight": array, ...}``. The leaves may be
arrays of any library: only initial_weights makes some, and nothing looks inside them.
"""

import numpy as np

from minirearec.config import ModelConfig


def nest(flat: dict) -> dict:
    """Dotted names to nested dicts; a level whose names are all numbers becomes a list."""
    tree: dict = {}
    for name, value in flat.items():
        *path, leaf = name.split(".")
        level = tree
        for part in path:
            level = level.setdefault(part, {})
        level[leaf] = value
    return _with_lists(tree)


def _with_lists(level):
    if not isinstance(level, dict):
        return level
    level = {key: _with_lists(value) for key, value in level.items()}
    if level and all(key.isdigit() for key in level):
        return [level[str(index)] for index in range(len(level))]
    return level


def flatten(tree, prefix: str = "") -> dict:
    """The inverse of nest: one dict from dotted name to leaf."""
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


def combine(function, *trees):
    """The tree of ``function(leaf, leaf, ...)`` over trees of one structure."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: combine(function, *(tree[key] for tree in trees)) for key in first}
    if isinstance(first, list):
        return [combine(function, *parts) for parts in zip(*trees, strict=True)]
    return function(*trees)


def add(*trees):
    """The sum of gradient trees; a name that is absent from one of them counts as 0 there."""
    first = trees[0]
    if isinstance(first, dict):
        names = dict.fromkeys(key for tree in trees for key in tree)
        return {key: add(*(tree[key] for tree in trees if key in tree)) for key in names}
    if isinstance(first, list):
        return [add(*parts) for parts in zip(*trees, strict=True)]
    return sum(trees[1:], first)


def initial_weights(config: ModelConfig, n_items: int, reasoning_positions: bool = True, seed: int = 0) -> dict:
    """The weights that training starts from, flat, float32: both backends begin with the very same numbers.

    Tables and matrices are drawn from N(0, initial_std^2); LayerNorm starts at 1 and 0, biases at 0.
    ``reasoning_positions=False`` leaves the reasoning position embeddings out (the naive variant).
    Source: paper, section 4.1.
    """
    rng, D, inner = np.random.default_rng(seed), config.width, config.inner_width

    def drawn(*shape):
        return (config.initial_std * rng.standard_normal(shape)).astype(np.float32)

    def linear(outputs, inputs):
        return {"weight": drawn(outputs, inputs), "bias": np.zeros(outputs, np.float32)}

    def norm():
        return {"weight": np.ones(D, np.float32), "bias": np.zeros(D, np.float32)}

    tree = {"item_embedding": drawn(n_items, D), "position_embedding": drawn(config.max_length, D)}
    if reasoning_positions and config.steps:
        tree["reasoning_embedding"] = drawn(config.steps, D)
    tree["input_norm"] = norm()
    tree["blocks"] = [{"query": linear(D, D), "key": linear(D, D), "value": linear(D, D), "output": linear(D, D),
                       "attention_norm": norm(), "inner": linear(inner, D), "outer": linear(D, inner),
                       "inner_norm": norm()} for _ in range(config.layers)]
    return flatten(tree)
