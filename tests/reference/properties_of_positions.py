"""Properties of positions that are not absolute."""

import numpy as np

from tests.compare import assert_same
from tests.reference.registry import holds


@holds
def recency_counts_from_the_newest_item(model, p):
    """In a history of n items, item i gets row n - 1 - i; without lengths, all T items are the history."""
    weights, nothing = p.weights_with_positions("recency"), np.zeros((p.B, p.T, p.D))
    table = weights["recency_embedding"]
    rows = model.add_positions(model.placed(weights, p.lengths, p.T), nothing)
    for row, length in zip(rows, p.lengths, strict=True):
        assert_same(row[:length], table[:length][::-1])
    assert_same(model.add_positions(weights, nothing), np.broadcast_to(table[:p.T][::-1], nothing.shape))


@holds
def a_bias_follows_from_the_distance_alone(model, p):
    """A step is as far from an item as an item in its place would be; beyond the last distance, all are equal."""
    for sides in (1, 2):
        weights = p.weights_with_positions("relative", sides)
        table, length = weights["distance_bias"], p.T + 2
        bias = model.distance_bias(weights, np.arange(p.T)[None], p.T)
        for place in range(p.T):
            assert_same(bias[0, :, place, :place + 1], table[:, 0, :place + 1][:, ::-1])
            assert_same(bias[0, :, place, place + 1:], table[:, sides - 1, 1:p.T - place])
        for k in range(1, p.K + 1):
            of_step = model.distance_bias(weights, np.array([[p.T - 1]]), p.T, k)[0, :, 0]
            far = np.minimum(np.arange(p.T + k)[::-1], length - 1)
            assert_same(of_step, table[:, 0, far])
