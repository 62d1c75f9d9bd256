"""Properties of a backbone whose items see each other in both directions, one prefix a row."""

import numpy as np

from minirearec.reference.backbones import bert4rec
from tests.compare import assert_same
from tests.reference.registry import holds


def last(model, p, items, lengths):
    """Return the states and noised states of prefixes."""
    return model.last_states(p.weights, items, lengths, p.K, p.H, p.noise[:len(items), :1], backbone="bert4rec")


def one_item_changed(p):
    """Return the items with another item at the end of the first row."""
    items = p.items
    items[0, -1] = (items[0, -1] + 1) % p.V
    return items


@holds
def a_prefix_is_the_same_whatever_stands_beside_and_after_it(model, p):
    states, noised = last(model, p, p.items, p.lengths)
    for row, length in enumerate(p.lengths):
        alone = model.last_states(p.weights, p.items[[row], :length], np.array([length]), p.K, p.H, p.noise[[row], :1],
                                  backbone="bert4rec")
        assert_same((states[[row]], noised[[row]]), alone)


@holds
def a_later_item_changes_earlier_items_of_its_prefix_and_no_other_prefix(model, p):
    whole, changed = np.full(p.B, p.T), one_item_changed(p)
    before, after = (bert4rec.encode(p.weights, items, p.H, None, whole)[0] for items in (p.items, changed))
    assert np.abs(after[0] - before[0]).max(-1).min() > 1e-6, "every state of the first row"
    assert_same(after[1:], before[1:])
    for length in range(1, p.T):
        shorter = np.full(p.B, length)
        assert_same(last(model, p, changed, shorter), last(model, p, p.items, shorter))


@holds
def without_steps_a_prefix_is_encoded_and_no_more(model, p):
    states, noised = model.last_states(p.weights, p.items, p.lengths, 0, p.H, backbone="bert4rec")
    encoded, _ = bert4rec.encode(p.weights, p.items, p.H, None, p.lengths)
    assert noised is None
    assert_same(states[:, 0, 0], encoded[np.arange(p.B), p.lengths - 1])
