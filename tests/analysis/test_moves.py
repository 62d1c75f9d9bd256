"""Moves of the rank, with four targets by hand."""

import numpy as np

from minirearec.analysis.moves import Moves, moves
from minirearec.evaluation.ranking import Ranks


def test_shares_of_four_targets():
    nothing = np.zeros(4, dtype=int)
    ranks = {name: Ranks(np.array(expected) - 1, nothing) for name, expected in {
        "step 0": [5, 50, 30, 7], "step 1": [9, 20, 30, 7], "step 2": [40, 21, 3, 7]}.items()}
    assert moves(ranks) == {"step 1": Moves(0.25, 0.25, 0.5, 0.25, 0.0, 14.5),
                            "step 2": Moves(0.5, 0.25, 0.25, 0.25, 0.5, 14.0)}
    assert moves({"step 0": ranks["step 0"]}) == {}


def test_a_target_that_was_found_and_lost_stays_lost():
    nothing = np.zeros(1, dtype=int)
    ranks = {name: Ranks(np.array([above]), nothing) for name, above in (("step 0", 4), ("step 1", 29), ("step 2", 30))}
    assert [row.lost for row in moves(ranks).values()] == [1, 1]
