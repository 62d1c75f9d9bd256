"""What a loss reads and returns: the defaults of its parts."""

import numpy as np

from minirearec.objective import Gradients, Objective, Positions, last_state


def test_the_last_state_answers_by_default():
    states = np.arange(12).reshape(2, 3, 2)
    assert last_state(states, {}).tolist() == [[4, 5], [10, 11]]


def test_a_loss_may_ignore_noise_and_weights():
    states, table = np.zeros((2, 3, 4)), np.ones((5, 4))
    positions, gradients = Positions(states, table, np.array([1, 4])), Gradients(states, table)
    assert positions.noised is None and positions.weights == {} and gradients.noised is None and gradients.weights == {}
    assert Objective(lambda positions, settings: None).answer is last_state
