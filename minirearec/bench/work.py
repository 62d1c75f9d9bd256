"""Count the matrix products that a piece of work needs, from its settings and the lengths of its histories.

We count what the equations need and no more: no padding, no second score of the same state, and products alone (no
softmax, dropout or LayerNorm). A product [m, k] x [k, n] is 2 m k n operations. The letters are those of ``shapes.py``.
"""

from dataclasses import dataclass, replace

import numpy as np

from minirearec.config import Config, ModelConfig
from minirearec.data.batching import Batch
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, REASONERS

SCORE_ROWS = 512  # states in a product with the catalogue
ENCODER_ROWS = 2048  # positions in a product of the encoder


@dataclass(frozen=True)
class Product:
    """The matrix product [m, k] x [k, n], done ``times`` times; a fraction stands for fewer rows than m."""

    m: int
    k: int
    n: int
    times: float = 1.0
    dtype: str = "float32"

    @property
    def flops(self) -> float:
        """Return the operations: ``2 m k n times``."""
        return 2 * self.m * self.k * self.n * self.times


def linear(config: ModelConfig, rows: int, times: float) -> list[Product]:
    """Return the products of a block's six linear layers: ``8 D^2 + 4 D I`` operations a row."""
    D, inner = config.width, config.inner_width
    return [Product(rows, D, D, 4 * times), Product(rows, D, inner, times), Product(rows, inner, D, times)]


def encoder(config: ModelConfig, passes: int, pairs: int) -> list[Product]:
    """Return the products of blocks: ``8 D^2 + 4 D I`` operations for each pass of a position, ``4 D`` for each pair.

    ``passes`` and ``pairs`` are sums over blocks. ``pairs`` counts which position sees which: attention multiplies D
    numbers twice for each, for its scores and for its sum. We time these products as if they were those of the linear
    layers, which are faster.
    """
    D, rows = config.width, ENCODER_ROWS
    return [*linear(config, rows, passes / rows), Product(rows, D, D, 2 * pairs / (rows * D))]


def encoding(config: ModelConfig, lengths: np.ndarray) -> list[Product]:
    """Return the products that compute the states of all prefixes, with a causal backbone: position i sees i items."""
    return encoder(config, config.layers * int(lengths.sum()), config.layers * pairs(config, lengths))


def encoding_last(config: ModelConfig, lengths: np.ndarray) -> list[Product]:
    """Return the products for the last state alone: of the others, the last block needs only keys and values."""
    D, earlier, positions, last = config.width, config.layers - 1, int(lengths.sum()), len(lengths)
    return [*encoder(config, earlier * positions + last, earlier * pairs(config, lengths) + positions),
            Product(ENCODER_ROWS, D, D, 2 * (positions - last) / ENCODER_ROWS)]


def pairs(config: ModelConfig, lengths: np.ndarray) -> int:
    """Return how many items all positions see together: ``T (T + 1) / 2`` for each history, or T^2 if all see all."""
    return int((lengths * (lengths + 1) // 2 if BACKBONES[config.backbone].causal else lengths**2).sum())


def reasoning(config: ModelConfig, prefixes: np.ndarray, lengths: np.ndarray) -> list[Product]:
    """Return the products of K steps after prefixes of these lengths: step k sees the prefix and k steps.

    Where all items of a history take the steps, they see what the encoder lets them see: ``lengths`` are those of the
    histories that it read. What a reasoner needs besides the blocks is in ``beside``.
    """
    K, L, P, M = config.steps, config.layers, len(prefixes), REASONERS[config.reasoner].streams(config)
    if REASONERS[config.reasoner].everywhere:
        return encoder(config, L * K * int(lengths.sum()), L * K * pairs(config, lengths))
    return encoder(config, M * L * K * P, M * L * (K * int(prefixes.sum()) + P * K * (K + 1) // 2))


def beside(config: ModelConfig, n_items: int, positions: int) -> tuple[list[Product], list[Product]]:
    """Return what a reasoner multiplies besides the blocks in K steps of these positions: with a gradient, without."""
    times, kinds = config.steps * positions / ENCODER_ROWS, REASONERS[config.reasoner].products(config, n_items)
    with_gradient, without = ([Product(ENCODER_ROWS, k, n, times) for k, n in kind] for kind in kinds)
    return with_gradient, without


def read_once(config: ModelConfig, lengths: np.ndarray) -> list[Product]:
    """Return the products that encode histories whose last states are wanted, or all if all items take the steps."""
    everywhere = REASONERS[config.reasoner].everywhere and config.steps
    return (encoding if everywhere else encoding_last)(config, lengths)


def scoring(config: ModelConfig, n_items: int, states: int, dtype: str = "float32") -> list[Product]:
    """Return the products of states with the catalogue: ``2 V D`` operations a state."""
    return [Product(SCORE_ROWS, config.width, n_items, states / SCORE_ROWS, dtype)]


def inference(config: ModelConfig, n_items: int, lengths: np.ndarray, rows: int) -> list[Product]:
    """Return the products that encode histories, take K steps and score ``rows`` states of each.

    All rows of ERL need K+1 products: the scores of the mean state are the mean of the others'.
    """
    own, chosen = beside(config, n_items, len(lengths))
    return [*read_once(config, lengths), *reasoning(config, lengths, lengths), *own, *chosen,
            *scoring(config, n_items, rows * len(lengths))]


def one_user(config: ModelConfig, n_items: int, length: int, rows: int = 1) -> list[Product]:
    """Return the products for one history: its T positions together, the last one, each step, ``rows`` scores.

    They are so small that memory and the cost of a call limit their rate. They add up to those of ``inference``, but
    for the attention of steps to each other.
    """
    if REASONERS[config.reasoner].everywhere and config.steps:
        return inference(config, n_items, np.array([length]), rows)
    D, L, K, T, M = config.width, config.layers, config.steps, length, REASONERS[config.reasoner].streams(config)
    seen = pairs(config, np.array([T])) / T**2  # of all pairs
    own, chosen = beside(config, n_items, 1)
    return [*linear(config, T, L - 1), Product(T, D, T, 2 * (L - 1) * seen), Product(T, D, D, 2 * (T - 1) / T),
            *linear(config, 1, 1), Product(1, D, T, 2), *linear(config, M, K * L), Product(M, D, T, 2 * K * L),
            Product(1, D, n_items, rows),
            *own, *chosen]


def item_vectors(config: ModelConfig, n_items: int, dtype: str) -> tuple[list[Product], list[Product]]:
    """Return the products that make the vectors of all items: those that read their features, and the others.

    Features do not train, so the gradient of the first needs one product more, and that of the others two.
    """
    V, F, D, G = n_items, config.feature_width, config.width, config.experts
    if config.items == "unisrec":
        return [Product(V, F, D, G, dtype), Product(V, F, G, 2)], [Product(1, F, D, G), Product(V, G, D)]
    if config.items == "morec":
        return [Product(V, F, D)], [Product(V, D, D, config.projection_layers)]
    return [], []


def counts_training(config: Config) -> bool:
    """Return whether ``training`` can count: not for sampled losses, same-target contrasts and random steps."""
    return config.objective.loss == "full" and not (config.objective.same_target_weight or config.training.random_steps)


def training(config: Config, epoch: int, n_items: int, batch: Batch, scored: int | None = None) -> list[Product]:
    """Return the products of one training step: the forward pass, and twice as many operations for its gradient.

    ``scored``: how many items the loss contrasts; None is all of them.

    Only counted positions reason and are scored. PRL's noised inputs take every step a second time, and its contrast
    multiplies the P noised states of a step with the P clean ones. Products with the catalogue and the contrast have
    the precision of ``config``, which here is "float32" or "bf16" and not "auto".
    """
    method, model = METHODS[config.objective.method], config.model
    settings, dtype = method.settings(config.objective, epoch), config.training.precision
    if batch.lengths is None:
        histories, places = np.nonzero(batch.counted)
        prefixes = places + 1  # [P]
        lengths = np.zeros(len(batch.counted), np.int64)
        np.maximum.at(lengths, histories, prefixes)
        encoded = encoding(model, lengths)
    else:
        prefixes = lengths = batch.lengths
        encoded = read_once(model, lengths)
    P, noised = len(prefixes), method.draws_noise(settings, model.steps)
    own, chosen = beside(model, n_items, P * (1 + noised))
    forward = [*encoded, *own, *reasoning(model, np.tile(prefixes, 1 + noised), np.tile(lengths, 1 + noised)),
               *scoring(model, scored or n_items, P * method.scored_states(settings, model.steps), dtype)]
    if noised:
        forward += scoring(model, P, P * model.steps, dtype)
    read, further = item_vectors(model, n_items, dtype)
    forward += further
    others = [backward(one)[1] for one in read] + read + chosen
    return forward + others + [two for one in forward for two in backward(one)]


def backward(product: Product) -> list[Product]:
    """Return the two products of a gradient: ``dA = dC B^T`` [m, n] x [n, k] and ``dB = A^T dC`` [k, m] x [m, n]."""
    return [replace(product, k=product.n, n=product.k), replace(product, m=product.k, k=product.m)]


def flops(products: list[Product]) -> float:
    """Return the operations of all products."""
    return sum(product.flops for product in products)
