"""Models that count: what followed the newest items of a history in training, summed. NumPy only.

``score(v | h) = sum_{j=1..n} w_j E[h_j, v] + boost * log p(v)``, where h_1 is the newest item of the history and n is
at most ``history_length``. E is the evidence of the count model (``item_to_item``, ``rules``, ``pctm``), made of the
counts in ``pairs``; ``kernels`` has the weights. ``p(v) = (n_v + 1) / (sum n + V)`` is the smoothed popularity.
"""

import numpy as np

from minirearec.count_models import COUNTS, CountsConfig
from minirearec.counts import item_to_item, pctm, rules
from minirearec.counts.kernels import history_weights, kernel
from minirearec.counts.pairs import count_pairs
from minirearec.data.splits import Split
from minirearec.evaluation.scorers import Row
from minirearec.parts import Start
from minirearec.weights import check_fit

EVIDENCE = {"item-to-item": item_to_item.evidence, "rules": rules.evidence, "pctm": pctm.evidence}


class CountScorer:
    """The evidence as compressed rows: ``neighbours[starts[a]:starts[a+1]]`` are the items that follow item a.

    ``background`` [V] is ``boost * log p``; without it there is no boost.
    """

    answer = Row("counts", 0)
    rows = (answer,)

    def __init__(self, starts: np.ndarray, neighbours: np.ndarray, strengths: np.ndarray,
                 background: np.ndarray | None = None, settings: CountsConfig = CountsConfig()):
        self.starts, self.neighbours, self.strengths, self.background = starts, neighbours, strengths, background
        self.max_length = settings.history_length
        self.logarithmic = COUNTS[settings.counts].logarithmic
        self.shares = np.zeros((self.max_length + 1, self.max_length))  # w_1..w_n of a history of n items in row n
        for length in range(1, self.max_length + 1):
            self.shares[length, :length] = history_weights(settings, length)

    @classmethod
    def fit(cls, split: Split, settings: CountsConfig = CountsConfig()) -> "CountScorer":
        """Count the training part. Takes a second or two on Beauty."""
        pairs = count_pairs(split, kernel(settings.gap_kernel, settings.gap_decay, settings.window))
        if settings.strongest:
            pairs = pairs.strongest(settings.strongest)
        background = None
        if settings.boost:
            background = settings.boost * np.log((pairs.often + 1) / (pairs.often.sum() + len(pairs.often)))
        return cls(pairs.starts, pairs.second, EVIDENCE[settings.counts](pairs, settings), background, settings)

    @classmethod
    def of(cls, weights: dict[str, np.ndarray], settings: CountsConfig, n_items: int, where: str,
           fix: str) -> "CountScorer":
        """Make the scorer from the result of ``weights``. Raises RunError when names or shapes do not fit."""
        pairs = len(weights.get("neighbours", ()))
        begin = {"starts": Start((n_items + 1,)), "neighbours": Start((pairs,)), "strengths": Start((pairs,))}
        check_fit(weights, begin | {"background": Start((n_items,))} if settings.boost else begin, where, fix)
        return cls(**weights, settings=settings)

    def states(self, items: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
        """Return the newest items of each history, newest first; see ``evaluation.scorers.Scorer``."""
        return [self.states_of_one(history[:length])[0] for history, length in zip(items, lengths, strict=True)]

    def states_of_one(self, history: np.ndarray) -> list[np.ndarray]:
        """Return the newest items of one history, newest first."""
        return [history[::-1][:self.max_length]]

    def scores(self, states: list[np.ndarray], row: Row, out: np.ndarray | None = None) -> np.ndarray:
        """Return the scores [B, V] of all items after these."""
        scores = np.zeros((len(states), len(self.starts) - 1))
        if self.background is not None:
            scores += self.background
        for own, newest in zip(scores, states, strict=True):
            for share, item in zip(self.shares[len(newest)], newest, strict=False):  # it ends in zeros
                near = slice(self.starts[item], self.starts[item + 1])
                own[self.neighbours[near]] += share * self.strengths[near]
        return scores

    def weights(self) -> dict[str, np.ndarray]:
        """Return the arrays of the scorer, as saved."""
        arrays = {"starts": self.starts, "neighbours": self.neighbours, "strengths": self.strengths}
        return arrays if self.background is None else arrays | {"background": self.background}
