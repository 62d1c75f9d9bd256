"""Full-ranking evaluation of any scorer. See ``ranking`` and ``metrics`` for the protocol.

Every target is ranked against the whole catalogue, once without the items of its history and once with them. The
results have one row for each reasoning step, one for the best step of each target, and one for the best of as many
copies that did not think. With leave-one-out a user has one target; with a split in time, any number. The answer is
also averaged by how often training saw the target.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from minirearec.data.splits import Split
from minirearec.errors import EvaluationError
from minirearec.evaluation.asked import Asked, mean_of_ranks, of_lists, read_metrics
from minirearec.evaluation.lists import ListCounter
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.ranking import Ranks, concatenate, rank_targets
from minirearec.evaluation.scorers import Row, Scorer
from minirearec.shown import Shown

USERS_AT_A_TIME = 256  # their scores stay in the processor's cache during the ranking
SCORES_AT_A_TIME = 16_000_000  # fewer users for large catalogues: 64 MB in float32, 128 MB for counts
ORACLE = "best step (oracle)"
NULL_ORACLE = "null oracle"  # the best of K + 1 copies at K = 0 that differ only by dropout; see ``scorers.Copies``
UPPER_LIMITS = (ORACLE, NULL_ORACLE)  # rows that know the target
TIMES_SEEN = {"0": 0, "1 to 5": 5, "more": np.inf}  # groups of targets: training saw them up to this many times


@dataclass(frozen=True, repr=False)
class Evaluation(Shown):
    """The ranks of every target, by row; ``excluded`` without the seen items, ``kept`` with them."""

    part: str
    users: int  # how many users the targets belong to
    answer: str
    excluded: dict[str, Ranks]
    kept: dict[str, Ranks]
    times_seen: np.ndarray  # int64 [targets]: how often each target occurs among the items that train
    asked: tuple[Asked, ...] = ()  # metrics besides the usual ones
    lists: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)  # those of lists, by seen and row

    def metrics(self, row: str | None = None, seen: str = "excluded") -> dict[str, float]:
        """Return unrounded mean metrics of a row (by default the model's answer): the usual ones and those asked for.

        The best step of each target is no list, so it has no metrics of lists.
        """
        row = row or self.answer
        return {**self._means(getattr(self, seen)[row]), **self.lists.get(seen, {}).get(row, {})}

    def _means(self, ranks: Ranks) -> dict[str, float]:
        return mean_metrics(ranks) | mean_of_ranks(self.asked, ranks)

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows of the evaluation: the answer's metrics, seen items excluded."""
        return {"part": self.part, "users": f"{self.users:,}", "answer": self.answer,
                **{name: f"{value:.4f}" for name, value in self.metrics().items()}}

    def by_times_seen(self) -> dict[str, dict]:
        """Return ``targets, excluded, kept`` of the answer for each group of ``TIMES_SEEN`` that has targets."""
        group, found = np.searchsorted(list(TIMES_SEEN.values()), self.times_seen), {}
        for number in np.unique(group):
            own = group == number
            found[list(TIMES_SEEN)[number]] = {
                "targets": int(own.sum()), "excluded": self._means(self.excluded[self.answer][own]),
                "kept": self._means(self.kept[self.answer][own])}
        return found

    def to_dict(self) -> dict:
        """Return the dict in results.json: ``part, users, targets, answer, excluded {row: metrics}, kept``.

        ``seen_in_training`` is ``by_times_seen``.
        """
        return {"part": self.part, "users": self.users, "targets": len(self.times_seen), "answer": self.answer,
                **{seen: {row: self.metrics(row, seen) for row in getattr(self, seen)}
                   for seen in ("excluded", "kept")}, "seen_in_training": self.by_times_seen()}


def evaluate(scorer: Scorer, split: Split, part: str = "test", only_answer: bool = False,
             watch: Callable[[Row, np.ndarray, tuple[np.ndarray, np.ndarray]], None] | None = None,
             metrics: str | Iterable[str] = (), null: bool = True) -> Evaluation:
    """Rank the targets of ``part`` ("valid" or "test") for all users.

    ``metrics``: names besides the usual ones, such as "map@7,coverage"; see ``asked.read_metrics``.
    ``only_answer`` skips all rows except the model's answer; without it, a scorer of several steps that can draw
    ``copies`` is held against their null oracle if ``null``. ``watch(row, scores [B, V], seen)`` is called with the
    scores of each batch, which it may change, and the ``seen_pairs`` of their histories. Raises EvaluationError for
    NaN scores and for a part without rows.
    """
    targets = split.target(part)
    if not len(targets):
        raise EvaluationError(f"the {part} part has no rows", f"data set {split.data.name}", "Evaluate another part.")
    order = np.argsort(split.rows(part).length, kind="stable")  # similar lengths together: little padding
    rows = [scorer.answer] if only_answer else list(scorer.rows)
    asked = read_metrics(metrics)
    lengths = [one.k for one in asked if one.of_lists]
    counter = ListCounter(split.popularity, targets, sorted(set(lengths)), kept=True) if lengths else None
    found = {seen: {row.name: [] for row in rows} for seen in ("excluded", "kept")}
    memory = None  # for scores: allocating new memory every time takes longer than the products
    step = users_at_a_time(split.data.n_items)
    for start in range(0, len(order), step):
        users = order[start:start + step]
        seen_rows, seen_items = seen_pairs(split, users, part)
        states = scorer.states(*split.inputs(users, part, scorer.max_length))
        for row in rows:
            scores = scorer.scores(states, row, None if memory is None else memory[:len(users)])
            memory = scores if memory is None else memory
            without, with_seen = rank_targets(scores, targets[users], seen_rows, seen_items)
            found["excluded"][row.name].append(without)
            found["kept"][row.name].append(with_seen)
            if watch is not None:
                watch(row, scores, (seen_rows, seen_items))
            if counter is not None:
                counter.watch(row, scores, (seen_rows, seen_items))
    back = np.argsort(order)
    ranks = {seen: {name: concatenate(parts)[back] for name, parts in by_row.items()} for seen, by_row in found.items()}
    steps = [row.name for row in rows if row.step is not None]
    if len(steps) > 1:
        for by_row in ranks.values():
            by_row[ORACLE] = best_step([by_row[step] for step in steps])
        copies = getattr(scorer, "copies", lambda: None)() if null else None  # other scorers have no dropout
        if copies is not None:
            alike = evaluate(copies, split, part)
            ranks["excluded"][NULL_ORACLE], ranks["kept"][NULL_ORACLE] = alike.excluded[ORACLE], alike.kept[ORACLE]
    lists = {} if counter is None else {seen: of_lists(asked, partial(counter.found, seen)) for seen in ranks}
    return Evaluation(part, len(np.unique(split.rows(part).user)), scorer.answer.name, ranks["excluded"], ranks["kept"],
                      split.popularity[targets], asked, lists)


def users_at_a_time(scores: int) -> int:
    """Return how many users are scored together, when each has this many scores."""
    return max(1, min(USERS_AT_A_TIME, SCORES_AT_A_TIME // scores))


def seen_pairs(split: Split, users: np.ndarray, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs (row, item) of these users' full histories, each pair once: two arrays [S]."""
    histories = [split.history(user, part) for user in users]
    rows = np.repeat(np.arange(len(users)), [len(history) for history in histories])
    pairs = np.unique(rows * split.data.n_items + np.concatenate(histories))
    return np.divmod(pairs, split.data.n_items)


def share(gain: float, ceiling: float) -> float | None:
    """Return what a gain realises of a ceiling, such as the oracle's gain; None where there is nothing to gain."""
    return gain / ceiling if ceiling > 0 else None


def best_step(steps: list[Ranks]) -> Ranks:
    """Return every user's ranks at the step with the best expected rank (paper, section 4.3: the upper limit)."""
    best = np.argmin([ranks.expected for ranks in steps], axis=0)
    users = np.arange(len(best))
    return Ranks(np.stack([ranks.above for ranks in steps])[best, users],
                 np.stack([ranks.tied for ranks in steps])[best, users])
