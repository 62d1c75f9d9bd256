"""Properties of soft targets, of the teacher, and of the contrast of same targets."""

import numpy as np

from minirearec.targets import SoftTargets
from tests.compare import assert_same
from tests.reference.registry import assert_close, holds, loss_inputs, slope


def distribution(p, even: float) -> tuple[SoftTargets, np.ndarray]:
    """Return soft targets with repeated items, and the distributions [P, V] that they stand for."""
    targets = p.targets.reshape(-1)
    items = p.integers("soft", 0, p.V, len(targets), p.V + 2)
    shares = p.normal("shares", *items.shape) ** 2
    shares *= 0.7 / shares.sum(1, keepdims=True)
    q = np.full((len(targets), p.V), even / p.V)
    for row, target in enumerate(targets):
        q[row, target] += 1 - 0.7 - even
        for item, share in zip(items[row], shares[row], strict=True):
            q[row, item] += share
    return SoftTargets(items, shares, even), q


@holds
def soft_targets_are_a_cross_entropy_against_their_distribution(model, p):
    states, table, targets = loss_inputs(p)
    soft, q = distribution(p, 0.2)
    expected = -(q * np.log(model.softmax(states[:, 0] @ table.T / 0.7))).sum(1).mean()
    assert_same(model.cross_entropy(states[:, 0], table, targets, 0.7, None, soft), expected)
    mean = -(q * np.log(model.softmax(states.mean(1) @ table.T / 0.7))).sum(1).mean()
    assert_same(model.erl_loss(states, table, targets, 0.7, 0.0, None, soft), mean)
    logits = p.normal("logits", *states.shape[:2])
    mixed = -(q * model.mixture_scores(states, logits, table, 0.7)).sum(1).mean()
    assert_same(model.mixture_loss(states, logits, table, targets, 0.7, soft), mixed)


@holds
def a_soft_target_on_one_item_is_that_item(model, p):
    """With all of the target's probability on another item, value and gradients are those of the other item."""
    states, table, targets = loss_inputs(p)
    other = p.integers("other", 0, p.V, len(targets))
    soft = SoftTargets(other[:, None], np.ones((len(targets), 1)))
    assert_same(model.last_step_loss(states, table, targets, 0.7, None, soft),
                model.last_step_loss(states, table, other, 0.7))
    assert_same(model.last_step_loss_backward(2.0, states, table, targets, 0.7, None, soft),
                model.last_step_loss_backward(2.0, states, table, other, 0.7))


@holds
def soft_targets_without_a_share_are_the_targets(model, p):
    states, table, targets = loss_inputs(p)
    nothing = SoftTargets(targets[:, None], np.zeros((len(targets), 1)))
    for soft in (nothing, distribution(p, 0.0)[0].weakened(0)):
        assert_same(model.cross_entropy_backward(1.0, states[:, 0], table, targets, 0.7, None, soft),
                    model.cross_entropy_backward(1.0, states[:, 0], table, targets, 0.7))


@holds
def the_gradient_of_soft_targets_matches_differences(model, p):
    states, table, targets = loss_inputs(p)
    soft, _ = distribution(p, 0.1)
    along, across = p.normal("along", *states.shape), p.normal("across", *table.shape)
    found = model.erl_loss_backward(1.0, states, table, targets, 0.7, 0.0, None, soft)
    measured = slope(lambda e: model.erl_loss(states + e * along, table + e * across, targets, 0.7, 0.0, None, soft))
    assert_close((found[0] * along).sum() + (found[1] * across).sum(), measured)


@holds
def the_teacher_teaches_the_first_step_alone_and_never_the_last(model, p):
    """Step k keeps ``k/K`` of the target, so the loss is that of the two weighted so."""
    states, table, targets = loss_inputs(p)
    other = p.integers("other", 0, p.V, len(targets))
    soft = SoftTargets(other[:, None], np.ones((len(targets), 1)))
    kept = np.arange(p.K + 1) / p.K
    target, teacher = (np.array([model.cross_entropy(states[:, k], table, items, 0.7) for k in range(p.K + 1)])
                       for items in (targets, other))
    steps = kept * target + (1 - kept) * teacher
    assert_same(model.teacher_loss(states, table, targets, 0.7, 0.6, soft), steps[-1] + 0.6 * steps[:-1].mean())


@holds
def without_a_teacher_steps_learn_as_those_of_prl_at_one_temperature(model, p):
    states, table, targets = loss_inputs(p)
    assert_same(model.teacher_loss_backward(1.0, states, table, targets, 0.7, 0.6),
                model.prl_loss_backward(1.0, states, table, targets, 0.7, 1.0, 0.6)[:2])


def contrast_inputs(p):
    """Return states, targets and histories of positions of which many share a target, some in one history."""
    P = 4 * p.V
    return p.normal("states", P, p.D), p.integers("same", 0, p.V, P), p.integers("histories", 0, p.V, P)


@holds
def same_targets_are_contrasted_with_other_targets_of_other_histories(model, p):
    """Against loops: the next history with the same target is the partner, and the first follows the last.

    Without any pair the loss is 0.
    """
    states, targets, groups = contrast_inputs(p)
    pairs = []
    for target in range(p.V):
        ring = sorted(np.flatnonzero(targets == target), key=lambda position: groups[position])
        pairs += [(a, b) for a, b in zip(ring, ring[1:] + ring[:1], strict=True) if groups[a] != groups[b]]
    losses = []
    for a, b in pairs:
        others = [c for _, c in pairs if targets[c] != targets[a] and groups[c] != groups[a]]
        scores = states[a] @ states[[b, *others]].T / 0.7
        losses.append(np.log(np.exp(scores - scores[0]).sum()))
    assert_same(model.same_target_contrast(states, targets, groups, 0.7), np.mean(losses or [0.0]))


@holds
def the_gradient_of_the_contrast_matches_differences(model, p):
    states, targets, groups = contrast_inputs(p)
    along = p.normal("along", *states.shape)
    found = model.same_target_contrast_backward(1.0, states, targets, groups, 0.7)
    assert_close((found * along).sum(), slope(lambda e: model.same_target_contrast(states + e * along, targets, groups,
                                                                                   0.7)))


@holds
def a_target_that_occurs_once_or_in_one_history_is_not_contrasted(model, p):
    states = p.normal("states", p.V, p.D)
    for targets, groups in ((np.arange(p.V), np.zeros(p.V, int)), (np.zeros(p.V, int), np.ones(p.V, int))):
        assert_same(model.same_target_contrast(states, targets, groups, 0.7), np.float64(0))
        assert not model.same_target_contrast_backward(1.0, states, targets, groups, 0.7).any()
