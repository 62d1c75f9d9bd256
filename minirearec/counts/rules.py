"""Sequential rules: "who took a, takes v later", with the strongest rules of each a alone.

``E[a, v] = C[a, v]``; with ``idf`` it is multiplied by log(users / n_a), scaled to 0..1 over all items: rules from
popular items count less.
Source: Kamehkhosh, Jannach, Ludewig 2017; settings for Beauty as in spotify-research/sequential-capacity-probes
(RecSys 2026), which are the defaults.
"""

import numpy as np

from minirearec.count_models import CountsConfig
from minirearec.counts.pairs import Pairs


def evidence(pairs: Pairs, settings: CountsConfig) -> np.ndarray:
    """Return E of every pair, float64 [pairs]."""
    return pairs.count * rarity(pairs.often, pairs.users)[pairs.first] if settings.idf else pairs.count


def rarity(often: np.ndarray, users: int) -> np.ndarray:
    """Return log(users / n) scaled to 0..1, [V]: 1 for the rarest item that occurs, 0 for the most popular one.

    If all items that occur are equally popular, all have 1.
    """
    occurs = often > 0
    raw = np.log(users / np.maximum(often, 1))
    low, high = raw[occurs].min(), raw[occurs].max()
    return (raw - low) / (high - low) if high > low else np.ones(len(often))
