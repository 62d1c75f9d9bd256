"""Bugs planted in mixtures of distributions and in the gate. See ``planted``."""

import numpy as np

from minirearec.reference.ops import softmax
from minirearec.targets import distribution
from tests.reference.planted import Bug
from tests.reference.wrong import after, before, instead


def open_gate(right):
    """Leave the softmax of the gate out: its logits are logarithms of weights with any sum."""
    def wrong(states, logits, *rest):
        excess = np.log(np.exp(logits).sum(-1))
        found = right(states, logits, *rest)
        return found + excess[..., None] if isinstance(found, np.ndarray) else (found[0] - excess.mean(), *found[1:])

    return wrong


def averaged_scores(states, logits, table, temperature):
    return (softmax(logits)[..., None] * np.log(softmax(states @ table.T / temperature))).sum(-2)


def gate_for_posterior(right):
    def wrong(states, logits, table, targets, temperature, soft=None):
        loss, _, grad_logits, grad_table = right(states, logits, table, targets, temperature, soft)
        y, gate = softmax(states @ table.T / temperature), softmax(logits)
        y -= distribution(targets, len(table), soft)[:, None]
        return loss, (gate[..., None] * y) @ table / (temperature * len(y)), grad_logits, grad_table

    return wrong


MIXTURE_BUGS = [
    Bug("the gate is not normalised",
        {"chunked.mixture_value_and_grad": open_gate, "objectives.mixture.mixture_scores": open_gate},
        {"a_mixture_of_one_state_is_that_state", "a_mixture_averages_probabilities",
         "without_steps_every_method_is_the_base", "training_gradients_match_differences"}),
    Bug("the mixture averages scores in place of probabilities",
        {"objectives.mixture.mixture_scores": instead(averaged_scores)},
        {"a_mixture_averages_probabilities", "soft_targets_are_a_cross_entropy_against_their_distribution"}),
    Bug("every state of a mixture is trained by its gate, not by its posterior",
        {"chunked.mixture_value_and_grad": gate_for_posterior},
        {"training_gradients_match_differences"}),
    Bug("a mixture is trained towards the targets alone",
        {"chunked.mixture_value_and_grad": before(lambda *args: args[:5])},
        {"soft_targets_are_a_cross_entropy_against_their_distribution"}),
    Bug("the gate of all steps reads the last state",
        {"objectives.gate.gate_logits": before(lambda states, *rest: (states[..., -1:, :] + 0 * states, *rest))},
        {"each_step_of_a_gate_speaks_for_its_own_state", "training_gradients_match_differences"}),
    Bug("the gate's gradient does not reach the states",
        {"objectives.gate.gate_logits_backward": after(lambda found: (0 * found[0], *found[1:]))},
        {"training_gradients_match_differences"}),
]
