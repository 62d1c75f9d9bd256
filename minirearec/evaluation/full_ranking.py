"""Full-ranking evaluation of whatever scores a catalogue. See ``ranking`` and ``metrics`` for the protocol.

Every target is ranked against the whole catalogue, with its history excluded from the candidates and with it
kept; one row of results for each reasoning step, and one for the best step of each target. With leave-one-out a
user has one target; a split in time gives a user any number.
"""

from dataclasses import dataclass

import numpy as np

from minirearec.data.splits import Split
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.ranking import Ranks, concatenate, rank_targets
from minirearec.evaluation.scorers import Scorer

USERS_AT_A_TIME = 256  # their scores stay in the cache while they are compared
ORACLE = "best step (oracle)"


@dataclass(frozen=True)
class Evaluation:
    """Ranks of every target, by row; ``excluded`` without the seen items, ``kept`` with them."""

    part: str
    users: int  # whose targets they are
    answer: str
    excluded: dict[str, Ranks]
    kept: dict[str, Ranks]

    def metrics(self, row: str | None = None, seen: str = "excluded") -> dict[str, float]:
        """Unrounded mean metrics of a row (the model's own answer when none is named)."""
        return mean_metrics(getattr(self, seen)[row or self.answer])

    def to_dict(self) -> dict:
        """What results.json holds: ``{"part", "users", "targets", "answer", "excluded": {row: metrics}, "kept": ...}``."""
        targets = len(self.excluded[self.answer].above)
        return {"part": self.part, "users": self.users, "targets": targets, "answer": self.answer,
                **{seen: {row: self.metrics(row, seen) for row in getattr(self, seen)}
                   for seen in ("excluded", "kept")}}


def evaluate(scorer: Scorer, split: Split, part: str = "test", only_answer: bool = False) -> Evaluation:
    """Rank the targets of ``part`` ("valid" or "test") for all users.

    ``only_answer`` skips all rows but the model's own. Raises EvaluationError on NaN scores.
    """
    targets = split.target(part)
    order = np.argsort(split.rows(part).length, kind="stable")  # histories of similar length together: little padding
    rows = [scorer.answer] if only_answer else list(scorer.rows)
    found = {seen: {row.name: [] for row in rows} for seen in ("excluded", "kept")}
    memory = None  # for scores: asking for new every time takes longer than the products
    for start in range(0, len(order), USERS_AT_A_TIME):
        users = order[start:start + USERS_AT_A_TIME]
        seen_rows, seen_items = seen_pairs(split, users, part)
        states = scorer.states(*split.inputs(users, part, scorer.max_length))
        for row in rows:
            scores = scorer.scores(states, row, None if memory is None else memory[:len(users)])
            memory = scores if memory is None else memory
            without, with_seen = rank_targets(scores, targets[users], seen_rows, seen_items)
            found["excluded"][row.name].append(without)
            found["kept"][row.name].append(with_seen)
    back = np.argsort(order)
    ranks = {seen: {name: concatenate(parts)[back] for name, parts in by_row.items()} for seen, by_row in found.items()}
    steps = [row.name for row in rows if row.step is not None]
    if len(steps) > 1:
        for by_row in ranks.values():
            by_row[ORACLE] = best_step([by_row[step] for step in steps])
    return Evaluation(part, len(np.unique(split.rows(part).user)), scorer.answer.name, ranks["excluded"], ranks["kept"])


def seen_pairs(split: Split, users: np.ndarray, part: str) -> tuple[np.ndarray, np.ndarray]:
    """The pairs (row, item) of these users' whole histories, each pair once: two arrays [S]."""
    histories = [split.history(user, part) for user in users]
    rows = np.repeat(np.arange(len(users)), [len(history) for history in histories])
    pairs = np.unique(rows * split.data.n_items + np.concatenate(histories))
    return np.divmod(pairs, split.data.n_items)


def best_step(steps: list[Ranks]) -> Ranks:
    """For every user the ranks at the step with the best expected rank (paper, section 4.3: the ceiling)."""
    best = np.argmin([ranks.expected for ranks in steps], axis=0)
    users = np.arange(len(best))
    return Ranks(np.stack([ranks.above for ranks in steps])[best, users],
                 np.stack([ranks.tied for ranks in steps])[best, users])
