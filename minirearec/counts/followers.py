"""The followers of every item as probabilities: what soft targets and teachers are made of.

``p(v | a) = C[a, v] / sum_u C[a, u]`` over the strongest followers of a, where C are the counts of ``pairs`` with the
window and the kernel of the count model. Its evidence does not matter: it grows with C for the followers of one item.
"""

import numpy as np

from minirearec.config import Config
from minirearec.counts.kernels import kernel
from minirearec.counts.pairs import count_pairs
from minirearec.data.splits import Split
from minirearec.targets import Followers


def find_followers(config: Config, split: Split) -> Followers | None:
    """Count the followers in the training part of a split; None when the settings use none.

    The newest items of a history weigh as in the count model. Several of them know more than the newest one alone: with
    the weights of pctm and ten followers each, one, two, three, five and ten items reach an NDCG@20 of .0629, .0730,
    .0744, .0758 and .0758 on Beauty's validation part (5,000 of its users).
    """
    objective, counting = config.objective, config.counting
    if objective.soft_targets == "none":
        return None
    pairs = count_pairs(split, kernel(counting.gap_kernel, counting.gap_decay, counting.window))
    pairs = pairs.strongest(objective.soft_followers)
    V = len(pairs.often)
    column = np.arange(len(pairs.first)) - pairs.starts[pairs.first]
    items = np.repeat(np.arange(V)[:, None], objective.soft_followers, 1)  # an item itself fills its row, with chance 0
    chances = np.zeros(items.shape, np.float32)
    items[pairs.first, column] = pairs.second
    chances[pairs.first, column] = pairs.count / np.bincount(pairs.first, pairs.count, V)[pairs.first]
    weights = kernel(counting.history_kernel, counting.history_decay, objective.soft_items)
    return Followers(items, chances, weights.astype(np.float32))
