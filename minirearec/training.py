"""The training loop: one for all methods and both backends. It yields events and never prints."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from minirearec import processes
from minirearec.backends import Learner
from minirearec.config import Config
from minirearec.counts.item_to_item import CountScorer
from minirearec.data.batching import iterate, training_windows
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import make_split
from minirearec.data.splits.split import check_usable
from minirearec.engine import make_learner, with_features
from minirearec.errors import ConfigError, EvaluationError, RunError
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.events import SELECTION, BatchDone, EpochDone, Finished, Started, reason_to_stop
from minirearec.memory import check_memory
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES
from minirearec.progress import drawn
from minirearec.recommender import Recommender
from minirearec.runs.checkpoint import BEST, FIX, LAST, Checkpoint, Inside
from minirearec.runs.directory import DataFacts, Run, describe
from minirearec.runs.environment import environment
from minirearec.runs.keeper import SAVE_EVERY, Keeper
from minirearec.runs.opening import same_data
from minirearec.shown import Shown


class Trainer(Shown):
    """The training of one model on one data set; with ``out`` it keeps a run directory that can be resumed.

    >>> trainer = Trainer(Config.make(method="prl"), load("beauty")).fit()
    >>> trainer.evaluate("test").metrics()["NDCG@10"]
    """

    def __init__(self, config: Config, data: SequenceData, *, device: str = "auto", backend: str = "torch",
                 out: Path | str | None = None, command: str = "", threads: int | None = None,
                 save_every: float = SAVE_EVERY, features: np.ndarray | None = None,
                 weights: dict[str, np.ndarray] | None = None):
        """Make a model. With ``out``, make a run too and write checkpoints every ``save_every`` seconds.

        ``threads``: how many were chosen for PyTorch; the run remembers it. ``features`` [V, F]: of the items, for an
        item encoder that needs them; without them, those of the data. Raises ConfigError when there are none.
        ``weights``: to start from, as ``runs.starting`` takes them from another run.
        """
        config, features = with_features(config, data, features)
        self.config, self.data, self.split, self.backend = config, data, make_split(data), backend
        check_usable(self.split)
        self.epochs: list[EpochDone] = []
        self.inside = Inside()  # the current epoch
        self.counting = not METHODS[config.objective.method].neural
        self.engine: Learner | None = None
        self.scorer: Scorer | None = None
        if not self.counting:
            causal = BACKBONES[config.model.backbone].causal
            self.windows = training_windows(self.split.train_items, self.split.train_offsets, config.model.max_length,
                                            self.split.is_target, prefixes=not causal)
            check_memory(config, data.n_items, len(self.split.train_items),
                         1 if causal else float(self.windows.lengths.mean()))
            popularity = np.bincount(self.split.train_items, minlength=data.n_items)
            self.engine = make_learner(config, data.n_items, backend, device, popularity, features)
            self.config = config = self.engine.config  # with the precision chosen
            if weights is not None:
                self.engine.load_weights(weights)
            self.scorer = StateScorer(self.engine, config)
        self.best_weights: dict[str, np.ndarray] | None = None
        self.counting_seconds = 0.0
        self.keeper: Keeper | None = None
        self.facts = DataFacts.of(data)
        if out is not None and processes.number() == 0:
            facts = environment(config, data, self.device, command)
            self.keeper = Keeper(Run.create(Path(out), config, data, backend, facts, threads, features),
                                 save_every)

    @classmethod
    def resume(cls, run: Run, data: SequenceData, *, device: str = "auto", save_every: float = SAVE_EVERY) -> "Trainer":
        """Return a trainer that continues a stopped run in place, exactly where its last checkpoint is.

        Raises RunError when the data differ, a file is damaged, or another process trains the run.
        """
        same_data(run, data.sha256)
        keeper = Keeper(run, save_every, reads_only=processes.number() > 0)
        try:
            checkpoint, best_weights = keeper.load()  # first: a damaged run should not make a model
            trainer = cls(run.config, data, device=device, backend=run.backend, features=run.read_features())
            trainer.keeper, trainer.best_weights = None if keeper.reads_only else keeper, best_weights
            if checkpoint is not None:
                trainer._restore(checkpoint)
                if not keeper.reads_only:
                    keeper.publish(checkpoint)
        except BaseException:
            keeper.unlock()
            raise
        return trainer

    def _restore(self, checkpoint: Checkpoint) -> None:
        try:
            self.learner.load_weights(checkpoint.weights)
            self.learner.load_moments(checkpoint.moments)
            if checkpoint.random is not None:
                self.learner.start_epoch(len(checkpoint.epochs) + 1)
                self.learner.load_random_state(checkpoint.random)
        except RunError as error:
            raise RunError(error.what, f"{LAST}.safetensors", error.fix or FIX) from error
        self.epochs, self.inside = checkpoint.epochs, checkpoint.inside

    @property
    def run(self) -> Run | None:
        """Return the run directory, if the trainer keeps one."""
        return None if self.keeper is None else self.keeper.run

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

    def fit(self, progress: bool = True) -> "Trainer":
        """Train to the end, with a bar on stderr if ``progress``, and return the trainer with its best weights."""
        for _ in drawn(self.train()) if progress else self.train():
            pass
        return self

    def train(self) -> Iterator[Started | BatchDone | EpochDone | Finished]:
        """Train to the end and yield events: nothing happens without a loop over them. ``fit`` is that loop."""
        if self.keeper is not None and not self.keeper.locked:
            self.keeper.lock()
        try:
            yield from self._count() if self.counting else self._train()
        finally:
            if self.keeper is not None:
                self.keeper.unlock()

    def _train(self) -> Iterator[Started | BatchDone | EpochDone | Finished]:
        yield Started(len(self.epochs), self.config.training.epochs, self.windows.positions, self.inside.positions,
                      self.inside.seconds)
        while not self._reason_to_stop():
            yield from self._train_epoch()
        if self.best_weights is not None:
            self.learner.load_weights(self.best_weights)
        yield Finished(len(self.epochs), self.epochs[-1].best_epoch, self._reason_to_stop())

    def _train_epoch(self) -> Iterator[BatchDone | EpochDone]:
        """Train from the place inside the epoch to its end, and validate."""
        epoch, settings, learner = len(self.epochs) + 1, self.config.training, self.learner
        inside, began = self.inside, time.perf_counter() - self.inside.seconds
        if not inside.batches:
            learner.start_epoch(epoch)
        order = np.random.default_rng([settings.seed, epoch])
        for batch in iterate(self.windows, settings.batch_positions, order, skip=inside.batches):
            loss, positions = learner.train_batch(batch), int(batch.counted.sum())
            if not np.isfinite(loss):
                raise EvaluationError(f"the loss of epoch {epoch} is {loss}", "training",
                                      "The model has diverged; try a smaller --learning-rate.")
            self.inside = inside = Inside(inside.batches + 1, inside.positions + positions,
                                          inside.loss + loss * positions, time.perf_counter() - began)
            if self.keeper is not None and self.keeper.due:
                self.keeper.save(Checkpoint(self.epochs, learner.weights(), learner.moments(), inside,
                                            learner.random_state()))
            yield BatchDone(epoch, inside.positions, inside.loss / inside.positions)
        metrics = self._validate()
        best = self.best
        event = EpochDone(epoch, inside.loss / inside.positions, metrics, time.perf_counter() - began,
                          epoch if best is None or metrics[SELECTION] > best.metrics[SELECTION] else best.epoch)
        self.epochs.append(event)
        self.inside = Inside()
        weights = learner.weights()
        if event.improved:
            self.best_weights = weights
        if self.keeper is not None:
            self.keeper.save(Checkpoint(self.epochs, weights, learner.moments()))
        yield event

    def evaluate(self, part: str = "test") -> Evaluation:
        """Rank every user's target with the best weights; see ``evaluation.full_ranking.evaluate``."""
        return evaluate(self._trained("evaluate"), self.split, part)

    def _validate(self) -> dict[str, float]:
        """Return the metrics of the validation targets; several processes rank a share of them each."""
        rows, count = self.split.valid.some(self.config.training.validation_targets), processes.count()
        if count > 1 and len(rows) >= count:
            rows = rows.take(slice(processes.number(), None, count))
        share = replace(self.split, valid=rows)
        assert self.scorer is not None, "counting does not validate"
        metrics = evaluate(self.scorer, share, "valid", only_answer=True).metrics()
        if count == 1:
            return metrics
        from minirearec.nn.distributed import mean_of_all

        return dict(zip(metrics, mean_of_all(list(metrics.values()), len(rows)), strict=True))

    def _trained(self, where: str) -> Scorer:
        if self.scorer is None or not (self.counting or self.epochs or self.inside.batches):
            raise ConfigError("this model has not been trained yet", where,
                              "Call fit() first, or loop over train(), which does nothing without a loop.")
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
        return Recommender(self._trained("recommend"), self.data.catalogue, self.facts, lambda: self.data)

    def _reason_to_stop(self) -> str:
        if self.counting:
            return "counting takes one pass"
        return reason_to_stop(self.epochs, self.config.training.epochs, self.config.training.patience)

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows of the trainer."""
        best = self.best
        return {"method": f"{self.config.objective.method}, K = {self.config.model.steps}", "data": self.data.name,
                "epochs": str(len(self.epochs)), "run": str(self.run.path) if self.run else "",
                "best": f"epoch {best.epoch}, validation {SELECTION} {best.metrics[SELECTION]:.4f}" if best else ""}

    def _count(self) -> Iterator[Started | Finished]:
        yield Started(0, 0, len(self.split.train_items))
        began = time.perf_counter()
        self.scorer = counts = CountScorer.fit(self.split)
        self.counting_seconds = time.perf_counter() - began
        if self.run is not None:
            self.run.save_tensors(BEST, counts.weights(), {"epoch": 0})
        yield Finished(0, 0, self._reason_to_stop())
