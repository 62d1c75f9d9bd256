"""PCTM, pooled causal transition model: the smoothed log-probability that v follows a.

``E[a, v] = log(1 + C[a, v] V / tau)``. Up to a constant per a, this is the logarithm of
``P(v | a) = (C[a, v] + tau / V) / (C[a, .] + tau)``: counts, and a uniform prior with the mass tau.
Source: "Do Sequential Recommendation Benchmarks Really Require Higher-Order Sequence Modelling?" (RecSys 2026),
spotify-research/sequential-capacity-probes at 705710f. The defaults are the settings for Beauty; those for Sports and
Toys are in their cards.
"""

import numpy as np

from minirearec.count_models import CountsConfig
from minirearec.counts.pairs import Pairs


def evidence(pairs: Pairs, settings: CountsConfig) -> np.ndarray:
    """Return E of every pair, float64 [pairs]."""
    return np.log1p(pairs.count * len(pairs.often) / settings.tau)
