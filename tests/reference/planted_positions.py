"""Planted bugs of positions that are not absolute, and of the empty history; see ``planted``."""

import numpy as np

from minirearec.reference.positions import distance_bias
from tests.reference.planted import Bug
from tests.reference.wrong import after, before


def recency_from_the_last_column(weights, lengths, T):
    return weights, np.full_like(lengths, T), T


def turned(weights):
    """Return the weights with the vectors of recency in the other order, unless they are placed."""
    table = weights.get("recency_embedding", np.zeros((0, 0, 0)))
    return weights if table.ndim == 3 else {**weights, "recency_embedding": table[::-1]}


def steps_in_the_place_of_the_last_item(right):
    """Return a bias under which step k is as far from the items as the last item is."""
    def wrong(weights, places, T, steps=0):
        bias = right(weights, places, T, steps)
        if bias is not None and steps:
            bias[..., :T] = distance_bias(weights, places, T)
        return bias

    return wrong


def one_side_for_all(right):
    """Return a bias that does not tell later items from earlier ones."""
    def wrong(weights, *rest):
        if "distance_bias" in weights:
            weights = {**weights, "distance_bias": weights["distance_bias"][:, :1]}
        return right(weights, *rest)

    return wrong


def scaled_bias(query, key, mask, bias):
    return query, key, mask, None if bias is None else bias / query.shape[-1] ** 0.5


def bias_of_one_pair(grad_out, weights, places, T, steps=0):
    """Drop the gradient of all queries but the last."""
    return None if grad_out is None else grad_out * (np.arange(grad_out.shape[2]) == grad_out.shape[2] - 1)[:, None], \
        weights, places, T, steps


POSITION_BUGS = [
    Bug("recency counts from the end of the padded row",
        {"positions.placed": before(recency_from_the_last_column)},
        {"recency_counts_from_the_newest_item", "padding_changes_nothing", "training_gradients_match_differences"}),
    Bug("recency counts from the oldest item where all rows are full",
        {"positions.add_positions": before(lambda weights, x: (turned(weights), x))},
        {"recency_counts_from_the_newest_item"}),
    Bug("a step is as far from the items as the last item is",
        {"positions.distance_bias": steps_in_the_place_of_the_last_item},
        {"a_bias_follows_from_the_distance_alone", "the_cache_equals_computing_everything_again",
         "training_gradients_match_differences"}),
    Bug("later items are on the side of earlier ones",
        {"positions.distance_bias": one_side_for_all},
        {"a_bias_follows_from_the_distance_alone", "training_gradients_match_differences"}),
    Bug("the bias is divided by sqrt(d) with the products",
        {"attention._weights": before(scaled_bias)},
        {"the_cache_equals_computing_everything_again", "training_gradients_match_differences"}),
    Bug("a bias learns from the newest item alone",
        {"positions.distance_bias_backward": before(bias_of_one_pair)},
        {"training_gradients_match_differences"}),
    Bug("first items weigh as much as all other positions together",
        {"objectives.common.with_first_items": before(lambda loss, count, *rest: (loss, len(rest[2]), *rest))},
        {"first_items_are_further_positions", "training_gradients_match_differences"}),
    Bug("the empty history learns from one first item alone",
        {"objectives.common.with_first_items_backward": after(lambda grads: (grads[0], grads[1] / 2, grads[2]))},
        {"training_gradients_match_differences"}),
]
