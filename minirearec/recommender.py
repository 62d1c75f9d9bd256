"""A trained model as an object: what would you recommend after this history?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError
from minirearec.evaluation import Scorer
from minirearec.ranking import top_items


@dataclass(frozen=True)
class Recommendation:
    """The top items of one row (a reasoning step, or the mean of steps), best first."""

    row: str
    items: list  # ids as in the data set
    scores: list[float]


class Recommender:
    """Recommends from item histories, with one list for each reasoning step."""

    def __init__(self, scorer: Scorer, data: SequenceData, config: Config):
        self.scorer, self.data, self.config = scorer, data, config

    @classmethod
    def load(cls, path: Path | str, data_dir: Path | str | None = None, device: str = "auto",
             backend: str | None = None, progress=None) -> "Recommender":
        """The best model of a run directory, with its data set. Raises RunError, DataError or DownloadError.

        ``backend``: "torch", or "numpy", which needs no torch; None is the one the run was trained with.
        ``progress`` is shown while a data set is downloaded; see ``data.load``.
        """
        from minirearec.runs import Run
        from minirearec.loading import load_data, load_scorer

        run = Run.open(path)
        data = load_data(run, data_dir, progress=progress)
        return cls(load_scorer(run, device, backend), data, run.config)

    @property
    def answer(self) -> str:
        """The row that stands for the model: the last step, or for ERL the mean of the steps."""
        return self.scorer.answer

    def history_of(self, user) -> list:
        """The whole history of a user of the data set, as item ids. Raises DataError for an unknown user."""
        history = self.data.history(self.data.user_index(user))
        return self.data.item_ids[history].tolist()

    def recommend(self, history: Sequence, k: int = 10, keep_seen: bool = False) -> list[Recommendation]:
        """The k best items after a history of item ids (oldest first), for every row of the scorer.

        Items of the history are left out unless ``keep_seen``. Scores are dot products ``r E^T``.
        Raises HistoryError for an empty history or unknown ids, ConfigError for k < 1.
        """
        if k < 1:
            raise ConfigError(f"{k} items to recommend", "k", "Ask for at least 1.")
        seen = self.data.item_indices(history)
        newest = np.asarray(seen[-self.scorer.max_length:])[None]
        found = []
        for row, scores in self.scorer.score(newest, np.array([newest.shape[1]]), self.scorer.rows):
            best = top_items(scores[0], k, None if keep_seen else seen)
            found.append(Recommendation(row, self.data.item_ids[best].tolist(), scores[0, best].tolist()))
        return found
