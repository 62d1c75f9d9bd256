"""How the target's rank moves while the model thinks."""

from dataclasses import dataclass

import numpy as np

from minirearec.evaluation.ranking import Ranks

CUTOFF = 20


@dataclass(frozen=True)
class Moves:
    """Shares of all targets. ``improved, worsened, same``: the rank compared with step 0.

    ``found``: in the top 20 now, but not at step 0. ``lost``: in the top 20 at an earlier step, but not now: what the
    paper calls overthinking. ``median`` is the median rank.
    """

    improved: float
    worsened: float
    same: float
    found: float
    lost: float
    median: float


def moves(ranks: dict[str, Ranks]) -> dict[str, Moves]:
    """Return how targets have moved at every row after the first; ``ranks``: the rows, in the order of the steps."""
    (_, first), *later = ranks.items()
    start, reached, found = first.expected, first.expected <= CUTOFF, {}
    for name, row in later:
        rank = row.expected
        inside = rank <= CUTOFF
        found[name] = Moves(float((rank < start).mean()), float((rank > start).mean()), float((rank == start).mean()),
                            float((inside & (start > CUTOFF)).mean()), float((reached & ~inside).mean()),
                            float(np.median(rank)))
        reached = reached | inside
    return found
