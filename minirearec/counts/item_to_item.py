"""Item-to-item counts: ten lines that are hard to beat.

``E[a, v] = C[a, v] / sqrt(n_a)``, where n_a counts how often a occurs in training. By default a pair d places apart
counts 1/d, and so does the item d places before the next one.
Source: item-to-item collaborative filtering (Linden et al. 2003), weighted by the distance in the sequence; the square
root reduces the weight of popular items.
"""

import numpy as np

from minirearec.count_models import CountsConfig
from minirearec.counts.pairs import Pairs


def evidence(pairs: Pairs, settings: CountsConfig) -> np.ndarray:
    """Return E of every pair, float64 [pairs]."""
    return pairs.count / np.sqrt(pairs.often[pairs.first])
