"""Planted bugs of soft targets, of the teacher, and of the contrast of same targets; see ``planted``."""

from dataclasses import replace

import numpy as np

from minirearec.reference.chunked import cross_entropy_value_and_grad
from minirearec.targets import partners
from tests.reference.planted import Bug
from tests.reference.wrong import after, instead


def target_keeps(share):
    """Let a target keep more or less than the others leave: ``share(soft)`` [P] of its probability in addition."""
    def planted(right):
        def wrong(states, table, targets, temperature, soft):
            value, grad_states, grad_table = right(states, table, targets, temperature, soft)
            more = share(soft)[:, None] / (len(states) * temperature)
            np.add.at(grad_table, targets, -more * states)
            own = more * table[targets]
            return value - (own * states).sum(), grad_states - own, grad_table

        return wrong

    return planted


def last_share_of_an_item(right):
    """Let a later share of an item replace its earlier ones."""
    def wrong(states, table, targets, temperature, soft):
        later = np.triu(np.ones((soft.items.shape[1],) * 2, bool), 1)
        replaced = ((soft.items[:, :, None] == soft.items[:, None]) & later).any(2)
        return right(states, table, targets, temperature, replace(soft, shares=soft.shares * ~replaced))

    return wrong


def even_share_for_each(right):
    return lambda states, table, targets, temperature, soft: right(
        states, table, targets, temperature, replace(soft, even=soft.even * len(table)))


def untrained_table(found):
    value, grad_states, grad_table = found
    return value, grad_states, 0 * grad_table


def later_steps_softer(parts):
    return [(weight, soft) for (weight, _), (_, soft) in zip(parts, reversed(parts), strict=True)]


def mean_over_all_steps(parts):
    K = len(parts) - 1
    return [(weight if k == K else weight * K / (K + 1), soft) for k, (weight, soft) in enumerate(parts)]


def partners_inside_a_history(targets, groups):
    order = np.lexsort((groups, targets))
    rings = [order[targets[order] == target] for target in np.unique(targets)]
    return np.concatenate(rings), np.concatenate([np.roll(ring, -1) for ring in rings])


def the_next_is_always_a_partner(pairs):
    """Forget the end of a ring: its last history has the first of the next target as its partner."""
    first, second = pairs
    return first, np.concatenate([first[1:], second[-1:]])


def untrained_partners(states, targets, groups, temperature):
    """Train each state as itself, and not as the partner of another."""
    first, second = partners(targets, groups)
    grad_states = np.zeros_like(states)
    if not len(first):
        return 0 * states.sum(), grad_states
    value, grad_states[first], _ = cross_entropy_value_and_grad(
        states[first], states[second], np.arange(len(first)), temperature,
        ((targets[first], targets[second]), (groups[first], groups[second])))
    return value, grad_states


VALUE_AND_GRAD = "soft.softening_value_and_grad"
TARGET_BUGS = [
    Bug("the target keeps all of its probability", {VALUE_AND_GRAD: target_keeps(lambda soft: soft.shares.sum(1))},
        {"a_soft_target_on_one_item_is_that_item", "soft_targets_are_a_cross_entropy_against_their_distribution",
         "the_teacher_teaches_the_first_step_alone_and_never_the_last"}),
    Bug("the target keeps nothing, whatever the others leave",
        {VALUE_AND_GRAD: target_keeps(lambda soft: soft.shares.sum(1) + soft.even - 1)},
        {"soft_targets_are_a_cross_entropy_against_their_distribution",
         "soft_targets_without_a_share_are_the_targets",
         "the_teacher_teaches_the_first_step_alone_and_never_the_last"}),
    Bug("an item that shares twice has its last share", {VALUE_AND_GRAD: last_share_of_an_item},
        {"soft_targets_are_a_cross_entropy_against_their_distribution"}),
    Bug("label smoothing gives every item the share of all", {VALUE_AND_GRAD: even_share_for_each},
        {"soft_targets_are_a_cross_entropy_against_their_distribution"}),
    Bug("soft targets do not train the table", {VALUE_AND_GRAD: after(untrained_table)},
        {"a_soft_target_on_one_item_is_that_item", "the_gradient_of_soft_targets_matches_differences"}),
    Bug("the teacher teaches later steps more", {"objectives.teacher._parts": after(later_steps_softer)},
        {"the_teacher_teaches_the_first_step_alone_and_never_the_last"}),
    Bug("the teacher's early steps are averaged over K + 1", {"objectives.teacher._parts": after(mean_over_all_steps)},
        {"the_teacher_teaches_the_first_step_alone_and_never_the_last",
         "without_a_teacher_steps_learn_as_those_of_prl_at_one_temperature"}),
    Bug("a history is its own partner", {"targets.partners": instead(partners_inside_a_history)},
        {"a_target_that_occurs_once_or_in_one_history_is_not_contrasted",
         "same_targets_are_contrasted_with_other_targets_of_other_histories"}),
    Bug("the ring of a target is not closed", {"targets.partners": after(the_next_is_always_a_partner)},
        {"same_targets_are_contrasted_with_other_targets_of_other_histories"}),
    Bug("a state learns nothing as a partner",
        {"objectives.same_target.same_target_contrast_value_and_grad": instead(untrained_partners)},
        {"the_gradient_of_the_contrast_matches_differences"}),
]
