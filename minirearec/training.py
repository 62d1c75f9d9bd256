"""The training loop: one for all methods and both backends. It yields events and never prints."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from minirearec import processes
from minirearec.backends import Learner
from minirearec.config import Config
from minirearec.counts.item_to_item import CountScorer
from minirearec.data.batching import iterate, training_windows
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.engine import make_learner
from minirearec.errors import ConfigError, EvaluationError, RunError
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.methods import METHODS
from minirearec.recommender import Recommender
from minirearec.runs.checkpoint import BEST, Checkpoint
from minirearec.runs.directory import DataFacts, Run, describe
from minirearec.runs.environment import environment
from minirearec.runs.opening import same_data

SELECTION = "NDCG@20"  # of the validation part, seen items excluded


@dataclass(frozen=True)
class Started:
    """Training begins, or resumes after ``epoch`` finished epochs."""

    epoch: int
    epochs: int
    positions: int  # training positions in an epoch


@dataclass(frozen=True)
class BatchDone:
    """One optimizer step: ``positions`` of the epoch's positions are done, ``loss`` is their mean loss."""

    epoch: int
    positions: int
    loss: float


@dataclass(frozen=True)
class EpochDone:
    """One epoch and its validation. ``best_epoch`` is the best epoch so far, including this one."""

    epoch: int
    loss: float
    metrics: dict[str, float]
    seconds: float
    best_epoch: int

    @property
    def improved(self) -> bool:
        return self.best_epoch == self.epoch


@dataclass(frozen=True)
class Finished:
    """Training is over and the model has its best weights. ``reason`` says why it ended."""

    epochs: int
    best_epoch: int
    reason: str


class Trainer:
    """The training of one model on one data set; with ``out`` it keeps a run directory that can be resumed.

    >>> trainer = Trainer(Config.make(method="prl"), load("beauty"))
    >>> for event in trainer.train(): ...
    >>> trainer.evaluate("test").metrics()["NDCG@10"]
    """

    def __init__(self, config: Config, data: SequenceData, *, device: str = "auto", backend: str = "torch",
                 out: Path | str | None = None, command: str = ""):
        self.config, self.data, self.split, self.backend = config, data, make_split(data), backend
        self.epochs: list[EpochDone] = []
        self.counting = not METHODS[config.objective.method].neural
        self.engine: Learner | None = None
        self.scorer: Scorer | None = None
        if not self.counting:
            popularity = np.bincount(self.split.train_items, minlength=data.n_items)
            self.engine = make_learner(config, data.n_items, backend, device, popularity)
            self.config = config = self.engine.config  # with the precision chosen
            self.scorer = StateScorer(self.engine, config)
        self.best_weights: dict[str, np.ndarray] | None = None
        self.counting_seconds = 0.0
        self.run: Run | None = None
        self.facts = DataFacts.of(data)
        if out is not None and processes.number() == 0:
            self.run = Run.create(Path(out), config, data, backend, environment(config, data, self.device, command))

    @classmethod
    def resume(cls, run: Run, data: SequenceData, *, device: str = "auto") -> "Trainer":
        """Return a trainer that continues a stopped run in place. Raises RunError when the data differ."""
        same_data(run, data)
        trainer = cls(run.config, data, device=device, backend=run.backend)
        trainer.run = run if processes.number() == 0 else None
        checkpoint = None if trainer.counting else Checkpoint.load(run)
        if checkpoint is None:
            return trainer  # stopped in the first epoch: start again, with the same seed
        trainer.best_weights = run.load_tensors(BEST)[0]
        try:
            trainer.learner.load_weights(trainer.best_weights)  # fails now, not after the last epoch, if they misfit
            trainer.learner.load_weights(checkpoint.weights)
            trainer.learner.load_moments(checkpoint.moments)
        except RunError as error:
            raise RunError(error.what, str(run.path), "The run is damaged; train again.") from error
        trainer.epochs = [EpochDone(**epoch) for epoch in run.read_metrics(EpochDone)[:checkpoint.epoch]]
        if len(trainer.epochs) < checkpoint.epoch:
            raise RunError(f"has {len(trainer.epochs)} epochs, but last.safetensors is from epoch {checkpoint.epoch}",
                           str(run.path / "metrics.jsonl"), "The file is damaged; train again.")
        return trainer

    @property
    def learner(self) -> Learner:
        """Return the engine that trains. Counting has none."""
        assert self.engine is not None, "counting trains no engine"
        return self.engine

    @property
    def device(self) -> str:
        """Return the device of the model; counting always runs on the CPU."""
        return "cpu" if self.engine is None else str(self.engine.device)

    @property
    def best(self) -> EpochDone | None:
        """Return the epoch with the best validation NDCG@20 so far."""
        return self.epochs[self.epochs[-1].best_epoch - 1] if self.epochs else None

    def train(self) -> Iterator[Started | BatchDone | EpochDone | Finished]:
        """Train to the end and yield events; afterwards the model has the weights of the best epoch."""
        if self.counting:
            yield from self._count()
            return
        learner = self.learner
        windows = training_windows(self.split.train_items, self.split.train_offsets, self.config.model.max_length,
                                   self.split.is_target)
        settings = self.config.training
        yield Started(len(self.epochs), settings.epochs, windows.positions)
        while not self._reason_to_stop():
            epoch, began, done, total = len(self.epochs) + 1, time.perf_counter(), 0, 0.0
            learner.start_epoch(epoch)
            for batch in iterate(windows, settings.batch_positions, np.random.default_rng([settings.seed, epoch])):
                loss, positions = learner.train_batch(batch), int(batch.counted.sum())
                if not np.isfinite(loss):
                    raise EvaluationError(f"the loss of epoch {epoch} is {loss}", "training",
                                          "The model has diverged; try a smaller --learning-rate.")
                done, total = done + positions, total + loss * positions
                yield BatchDone(epoch, done, total / done)
            metrics = self._validate()
            best = self.best
            event = EpochDone(epoch, total / done, metrics, time.perf_counter() - began, epoch if best is None
                              or metrics[SELECTION] > best.metrics[SELECTION] else best.epoch)
            self.epochs.append(event)
            self._save(event)
            yield event
        if self.best_weights is not None:
            learner.load_weights(self.best_weights)
        yield Finished(len(self.epochs), self.epochs[-1].best_epoch, self._reason_to_stop())

    def evaluate(self, part: str = "test") -> Evaluation:
        """Rank every user's target with the best weights; see ``evaluation.full_ranking.evaluate``."""
        return evaluate(self._scorer("evaluate"), self.split, part)

    def _validate(self) -> dict[str, float]:
        """Return the metrics of the validation targets; several processes rank a share of them each."""
        rows, count = self.split.valid.some(self.config.training.validation_targets), processes.count()
        if count > 1 and len(rows) >= count:
            rows = rows.take(slice(processes.number(), None, count))
        share = replace(self.split, valid=rows)
        metrics = evaluate(self._scorer("evaluate"), share, "valid", only_answer=True).metrics()
        if count == 1:
            return metrics
        from minirearec.nn.distributed import mean_of_all

        return dict(zip(metrics, mean_of_all(list(metrics.values()), len(rows)), strict=True))

    def _scorer(self, where: str) -> Scorer:
        if self.scorer is None:
            raise ConfigError("nothing has been counted yet", where, "Run train() first.")
        return self.scorer

    def results(self, evaluation: Evaluation) -> dict:
        """Return the content of results.json: data, course of training, metrics of this evaluation, every setting.

        ``seconds`` adds up the epochs with their validation, over all sessions of a resumed run.
        """
        return {**describe(self.config, self.facts), "epochs": len(self.epochs),
                "best_epoch": self.best.epoch if self.best else 0, "reason": self._reason_to_stop(),
                "seconds": self.counting_seconds + sum(epoch.seconds for epoch in self.epochs),
                "validation": self.best.metrics if self.best else {}, evaluation.part: evaluation.to_dict()}

    def recommender(self) -> Recommender:
        """Return the trained model as an object that recommends."""
        return Recommender(self._scorer("recommend"), self.data.catalogue, self.facts, lambda: self.data)

    def _reason_to_stop(self) -> str:
        if self.counting:
            return "counting takes one pass"
        done, best, settings = len(self.epochs), self.best, self.config.training
        if done >= settings.epochs:
            return f"reached the limit of {_epochs(settings.epochs)}"
        if best is not None and done - best.epoch >= settings.patience:
            return f"{_epochs(settings.patience)} without a better validation {SELECTION}"
        return ""

    def _save(self, event: EpochDone) -> None:
        weights = self.learner.weights()
        if event.improved:
            self.best_weights = weights
        if self.run is None:
            return
        if event.improved:
            self.run.save_tensors(BEST, weights, {"epoch": event.epoch})
        self.run.write_metrics([asdict(epoch) for epoch in self.epochs])
        Checkpoint(event.epoch, weights, self.learner.moments()).save(self.run)

    def _count(self) -> Iterator[Started | Finished]:
        yield Started(0, 0, len(self.split.train_items))
        began = time.perf_counter()
        self.scorer = counts = CountScorer.fit(self.split)
        self.counting_seconds = time.perf_counter() - began
        if self.run is not None:
            self.run.save_tensors(BEST, counts.weights(), {"epoch": 0})
        yield Finished(0, 0, self._reason_to_stop())


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"
