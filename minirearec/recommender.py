"""A trained model as an object: what would you recommend after this history?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import numpy as np

from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, DataError, DownloadError, EvaluationError
from minirearec.evaluation.ranking import top_items
from minirearec.evaluation.scorers import Row, Scorer
from minirearec.runs.directory import DataFacts, Run
from minirearec.runs.opening import load_data, load_items, load_scorer
from minirearec.shown import Shown
from minirearec.text import one_line


@dataclass(frozen=True)
class Recommendation:
    """The top items of one row (a reasoning step, or what combines the steps), best first."""

    row: str
    items: list  # ids as in the data set
    scores: list[float]
    step: int | None = None  # the number of the reasoning step; None for the row that combines them
    titles: list[str] | None = None  # of the items, where the data have them


class Recommendations(list[Recommendation]):
    """The lists of all rows; ``answer`` is the one that is the model's answer."""

    def __init__(self, rows, answer: str):
        super().__init__(rows)
        self.answer = next(row for row in self if row.row == answer)

    def __repr__(self) -> str:
        return f"Recommendations({self.answer.row}: {', '.join(map(str, self.answer.items))}; {len(self)} rows)"

    def _repr_html_(self) -> str:
        rows = [["", *(row.row for row in self)]]
        rows += [[str(rank), *names] for rank, names in enumerate(zip(*map(_names, self), strict=True), 1)]
        cells = ["".join(f"<td>{escape(one_line(text))}</td>" for text in row) for row in rows]
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _names(row: Recommendation) -> list[str]:
    return [" ".join(map(str, pair)) for pair in zip(row.items, row.titles, strict=True)] if row.titles \
        else [str(item) for item in row.items]


class Recommender(Shown):
    """A trained model that recommends from item histories, with one list for each reasoning step.

    ``facts`` describe the data set that the model was trained on. ``histories`` loads it; the recommender calls it only
    when it needs the history of a user.
    """

    def __init__(self, scorer: Scorer, items: Items, facts: DataFacts, histories: Callable[[], SequenceData]):
        self.scorer, self.items, self.facts, self._histories = scorer, items, facts, histories

    @classmethod
    def load(cls, path: Path | str, data_dir: Path | str | None = None, device: str = "auto",
             backend: str | None = None, progress=None) -> "Recommender":
        """Open the best model of a run directory. The data set is not needed. Raises RunError.

        ``backend``: "torch", or "numpy", which works without torch; None is the backend the run was trained with.
        ``data_dir`` and ``progress`` (see ``data.load``) are used only to load the data set: for the history of a user,
        and for runs of an earlier version, which do not hold their items.
        """
        run = Run.open(Path(path))
        return cls(load_scorer(run, device, backend), load_items(run, data_dir, progress), run.data,
                   lambda: load_data(run, data_dir, progress=progress))

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows of the model."""
        return {"data": self.facts.name, "items": f"{len(self.items.ids):,}", "answer": self.answer}

    def load_data(self) -> SequenceData:
        """Return the data set that the model was trained on; load it the first time. A run does not hold it.

        Raises DataError when it cannot be loaded, RunError when it is a different one.
        """
        try:
            return self._data
        except (DataError, DownloadError) as error:
            raise DataError(f"a user's history needs the data set, which a run does not hold ({error.what})",
                            error.where, f"{error.fix} Or give the history itself.") from error

    @cached_property
    def _data(self) -> SequenceData:
        return self._histories()

    @property
    def answer(self) -> str:
        """Return the name of the row that is the model's answer: the last step, or for ERL the mean of the steps."""
        return self.scorer.answer.name

    def history_of(self, user) -> list:
        """Return the full history of a user of the data set, as item ids. Raises DataError for an unknown user."""
        data = self.load_data()
        return data.item_ids[data.history(data.user_index(user))].tolist()

    def recommend(self, history: Sequence | None = None, k: int = 10, keep_seen: bool = False, *,
                  user=None) -> Recommendations:
        """Return the k best items after a history of item ids (oldest first), for every row of the scorer.

        Give a ``user`` of the data set instead of a history; ids may be numbers or text.

        Items of the history are excluded unless ``keep_seen``. Scores are dot products ``r E^T``.
        Raises HistoryError for an empty history or unknown ids, ConfigError for k < 1, EvaluationError for scores that
        are infinite or NaN.
        """
        if k < 1:
            raise ConfigError(f"{k} items to recommend", "k", "Ask for at least 1.")
        if (user is None) == (history is None):
            raise ConfigError("give either a history or a user", "recommend", "For example: recommend(user=42).")
        seen = self.items.indices(self.history_of(user) if history is None else history)
        states = self.scorer.states_of_one(seen[-self.scorer.max_length:])
        found = []
        for row in self.scorer.rows:
            scores = self.scorer.scores(states, row)[0]
            check_finite(scores, row)
            best = top_items(scores, k, None if keep_seen else seen)
            titles = None if self.items.titles is None else list(map(str, self.items.titles[best]))
            found.append(Recommendation(row.name, self.items.ids[best].tolist(), scores[best].tolist(), row.step,
                                        titles))
        return Recommendations(found, self.answer)


def check_finite(scores: np.ndarray, row: Row) -> None:
    """Raise EvaluationError for scores that are infinite or NaN: they cannot be ranked."""
    if not np.isfinite(scores).all():
        raise EvaluationError(f"the scores of {row.name} are not all finite numbers", "recommend",
                              "The model has diverged; train it again with a smaller --learning-rate.")
