"""The training loop: one for all methods and both backends. It yields events and never prints."""

import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from minirearec import processes
from minirearec.backends import Learner
from minirearec.config import Config
from minirearec.counts.scorer import CountScorer
from minirearec.course import Course
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, make_split, with_validation
from minirearec.data.splits.split import check_usable
from minirearec.engine import with_features
from minirearec.errors import EvaluationError
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.events import BatchDone, EpochDone, Event, Finished, RefitEpochDone, Started
from minirearec.fitting import Fitting
from minirearec.listeners import heard
from minirearec.progress import drawn
from minirearec.recommender import Recommender
from minirearec.runs.checkpoint import BEST, REFIT, Checkpoint, Inside
from minirearec.runs.directory import DataFacts, Run
from minirearec.runs.environment import environment
from minirearec.runs.extending import longer, write_limits
from minirearec.runs.keeper import SAVE_EVERY, Keeper
from minirearec.runs.opening import same_data
from minirearec.stopping import best_epoch
from minirearec.validation import validate


class Trainer(Course):
    """The training of one model on one data set; with ``out`` it keeps a run directory that can be resumed.

    With ``refit`` in the settings it has two phases: a search for the best epoch on the validation part, and then the
    same training on train and validation for that many epochs.

    >>> trainer = Trainer(Config.make(method="prl"), load("beauty")).fit()
    >>> trainer.evaluate("test").metrics()["NDCG@10"]
    """

    def __init__(self, config: Config, data: SequenceData, *, device: str = "auto", backend: str = "torch",
                 out: Path | str | None = None, command: str = "", threads: int | None = None,
                 save_every: float = SAVE_EVERY, features: np.ndarray | None = None,
                 weights: dict[str, np.ndarray] | None = None):
        """Make a model. With ``out``, make a run too and write checkpoints every ``save_every`` seconds.

        ``threads``: how many were chosen for PyTorch; the run remembers it. ``features`` [V, F]: of the items, for an
        item encoder that needs them, as it reads them; without them, those of the data, see ``engine.with_features``.
        ``weights``: to start from, as ``runs.starting`` takes them, with the features, from another run. Raises
        ConfigError when there are no features, and when the split allows no refit.
        """
        config, features = with_features(config, data, features)
        super().__init__(config, DataFacts.of(data))
        self.data, self.split, self.backend, self._start = data, make_split(data), backend, weights
        check_usable(self.split)
        self.refit_split = with_validation(self.split) if config.training.refit else None
        self.fitting: Fitting | None = None
        self.scorer: Scorer | None = None
        self._make_fitting = partial(Fitting, backend=backend, device=device, features=features)
        if not self.counting:
            self._fit(self.split)
        self.best_weights: dict[str, np.ndarray] | None = None
        if out is not None and processes.number() == 0:
            facts = environment(self.config, data, self.device, command)
            self.keeper = Keeper(Run.create(Path(out), self.config, data, backend, facts, threads, features,
                                            weights), save_every)

    def _fit(self, split: Split) -> None:
        """Begin to fit a new model, from the weights to start from if there are any."""
        self.fitting = self.scorer = None  # free the memory of an earlier one
        fitting = self._make_fitting(self.config, split)
        if self._start is not None:
            fitting.learner.load_weights(self._start)
        self.fitting, self.config = fitting, fitting.config
        self.scorer = StateScorer(fitting.learner, self.config)

    @classmethod
    def resume(cls, run: Run, data: SequenceData, *, device: str = "auto", save_every: float = SAVE_EVERY,
               limits: dict[str, int] | None = None) -> "Trainer":
        """Return a trainer that continues a stopped run in place, exactly where its last checkpoint is.

        ``limits``: other ``epochs`` or ``patience``, with which an ended run continues. Raises RunError when the data
        differ, a file is damaged, another process trains the run, or the limits would stop it at once; nothing has
        changed then.
        """
        same_data(run, data.sha256)
        keeper = Keeper(run, save_every, reads_only=processes.number() > 0)
        try:
            checkpoint, best_weights = keeper.load()  # first: a damaged run should not make a model
            if limits:
                run = keeper.run = replace(run, config=longer(run, checkpoint.epochs if checkpoint else [], limits))
            trainer = cls(run.config, data, device=device, backend=run.backend, features=run.read_features(),
                          weights=run.read_start())
            trainer.keeper, trainer.best_weights = None if keeper.reads_only else keeper, best_weights
            if checkpoint is not None:
                trainer._restore(checkpoint)
                if not keeper.reads_only:
                    keeper.publish(checkpoint)
            if trainer.refit_split is None and best_weights is not None and trainer._reason_to_stop():
                trainer.learner.load_weights(best_weights)  # training has ended
            if limits and not keeper.reads_only:
                write_limits(run.path, run.seal, run.config)
        except BaseException:
            keeper.unlock()
            raise
        return trainer

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.epochs, self.refitted = checkpoint.epochs, checkpoint.refitted
        if self.refitted is not None and self.refit_split is not None:
            self._fit(self.refit_split)
        self._fitting.restore(checkpoint, checkpoint.finished + 1)

    @property
    def _fitting(self) -> Fitting:
        assert self.fitting is not None, "counting fits no model"
        return self.fitting

    @property
    def learner(self) -> Learner:
        """Return the engine that trains. Counting has none."""
        return self._fitting.learner

    @property
    def engine(self) -> Learner | None:
        """Return the engine that trains, or None for counting."""
        return None if self.fitting is None else self.fitting.learner

    @property
    def inside(self) -> Inside:
        """Return the place inside the current epoch."""
        return self._fitting.inside

    @property
    def device(self) -> str:
        """Return the device of the model; counting always runs on the CPU."""
        return "cpu" if self.fitting is None else str(self.learner.device)

    def fit(self, progress: bool = True, log: Iterable[str] = ()) -> "Trainer":
        """Train to the end, with a bar on stderr if ``progress``; then the model has its best weights.

        ``log``: names of listeners, such as "jsonl", that hear every event; see ``listeners``.
        """
        events = heard(self.train(), self, log)
        for _ in drawn(events) if progress else events:
            pass
        return self

    def train(self) -> Iterator[Event]:
        """Train to the end and yield events: nothing happens without a loop over them. ``fit`` is that loop.

        Then the model has the weights of the best epoch, or of the refit.
        """
        with nullcontext() if self.keeper is None else self.keeper.keeping():
            yield from self._count() if self.counting else self._train()

    def _train(self) -> Iterator[Event]:
        if self.fitting is None:  # an interruption came before the refit had a model
            self._fit(self.split)
        if self.refitted is None:
            yield Started(len(self.epochs), self.config.training.most_epochs, self._fitting.windows.positions,
                          self.inside.positions, self.inside.seconds)
            while not self._reason_to_stop():
                yield from self._train_epoch()
        if self.refit_split is not None:
            yield from self._refit(self.refit_split)
        elif self.best_weights is not None:
            self.learner.load_weights(self.best_weights)
        yield Finished(len(self.epochs), self.epochs[-1].best_epoch, self._reason_to_stop())

    def _train_epoch(self) -> Iterator[BatchDone | EpochDone]:
        """Train from the place inside the epoch to its end, and validate."""
        epoch, began = len(self.epochs) + 1, time.perf_counter() - self.inside.seconds
        yield from self._batches(epoch)
        metrics = validate(self._trained("train"), self.split, self.config.training.validation_targets)
        event = EpochDone(epoch, self._fitting.end_epoch(), metrics, time.perf_counter() - began,
                          best_epoch(self.epochs, metrics))
        self.epochs.append(event)
        if event.improved:
            self.best_weights = self.learner.weights()
        self._save()
        yield event

    def _refit(self, split: Split) -> Iterator[Started | BatchDone | RefitEpochDone]:
        """Train again from the start on train and validation, for as many epochs as were best."""
        epochs = self.epochs[-1].best_epoch
        if self.refitted is None:
            self._fit(split)
            self.refitted = []
            self._save()
        yield Started(len(self.refitted), epochs, self._fitting.windows.positions, self.inside.positions,
                      self.inside.seconds, refit=True)
        while len(self.refitted) < epochs:
            epoch, began = len(self.refitted) + 1, time.perf_counter() - self.inside.seconds
            yield from self._batches(epoch)
            self.refitted.append(RefitEpochDone(epoch, self._fitting.end_epoch(), time.perf_counter() - began))
            self._save()
            yield self.refitted[-1]

    def _batches(self, epoch: int) -> Iterator[BatchDone]:
        for event in self._fitting.epoch(epoch):
            if self.keeper is not None and self.keeper.due:
                self._save(self.learner.random_state())
            yield event

    def _save(self, random: np.ndarray | None = None) -> None:
        """Write a checkpoint, if the trainer keeps a run; ``random`` is the state inside an epoch."""
        if self.keeper is not None:
            self.keeper.save(Checkpoint(self.epochs, self.learner.weights(), self.learner.moments(), self.inside,
                                        random, self.refitted))

    def _count(self) -> Iterator[Started | Finished]:
        yield Started(0, 0, len(self.split.train_items))
        for name, split in ((BEST, self.split), (REFIT, self.refit_split)):
            if split is None:
                continue
            began = time.perf_counter()
            self.scorer = counts = CountScorer.fit(split, self.config.counting)
            self.counting_seconds += time.perf_counter() - began
            if self.run is not None:
                self.run.save_tensors(name, counts.weights(), {"epoch": 0})
        yield Finished(0, 0, self._reason_to_stop())

    def evaluate(self, part: str = "test", metrics: str | Iterable[str] = ()) -> Evaluation:
        """Rank every user's target; see ``evaluation.full_ranking.evaluate``.

        The model has the best weights once training has ended, and before that those of the newest batch. After a refit
        it has seen the validation targets. Raises EvaluationError for that part then.
        """
        if part == "valid" and self.refit_split is not None:
            raise EvaluationError("a refit trains on the validation part, so it cannot evaluate the model", "evaluate",
                                  "Evaluate the test part; results() has the validation metrics of the best epoch.")
        return evaluate(self._trained("evaluate"), self.refit_split or self.split, part, metrics=metrics)

    def _trained(self, where: str) -> Scorer:
        return self._usable(self.scorer, where, 0 if self.fitting is None else self.inside.batches)

    def recommender(self) -> Recommender:
        """Return the trained model as an object that recommends."""
        return Recommender(self._trained("recommend"), self.data.catalogue, self.facts, lambda: self.data)
