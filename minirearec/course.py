"""The course of a training: what it has done so far, and what that says."""

from minirearec import plots
from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.evaluation.full_ranking import Evaluation
from minirearec.evaluation.scorers import Scorer
from minirearec.events import SELECTION, EpochDone, RefitEpochDone
from minirearec.methods import METHODS
from minirearec.runs.directory import DataFacts, Run, describe
from minirearec.runs.keeper import Keeper
from minirearec.shown import Shown
from minirearec.stopping import reason_to_stop


class Course(Shown):
    """Epochs of a training of one model, and its results. ``keeper`` keeps its run, if it has one."""

    def __init__(self, config: Config, facts: DataFacts):
        self.config, self.facts = config, facts
        self.epochs: list[EpochDone] = []
        self.refitted: list[RefitEpochDone] | None = None  # None before the second phase
        self.counting = not METHODS[config.objective.method].neural
        self.counting_seconds = 0.0
        self.keeper: Keeper | None = None

    @property
    def run(self) -> Run | None:
        """Return the run directory, if the trainer keeps one."""
        return None if self.keeper is None else self.keeper.run

    @property
    def best(self) -> EpochDone | None:
        """Return the epoch with the best validation NDCG@20 so far."""
        return self.epochs[self.epochs[-1].best_epoch - 1] if self.epochs else None

    def results(self, evaluation: Evaluation) -> dict:
        """Return the content of results.json: data, course of training, metrics of this evaluation, every setting.

        ``seconds`` adds up the epochs of both phases with their validation, over all sessions of a resumed run.
        """
        epochs = [*self.epochs, *(self.refitted or [])]
        return {**describe(self.config, self.facts), "epochs": len(self.epochs),
                "best_epoch": self.best.epoch if self.best else 0, "reason": self._reason_to_stop(),
                "seconds": self.counting_seconds + sum(epoch.seconds for epoch in epochs),
                "validation": self.best.metrics if self.best else {}, evaluation.part: evaluation.to_dict()}

    def plot(self, axes: list | None = None) -> list:
        """Draw the training loss and the validation metric by epoch, side by side, and return the two axes."""
        axes = plots.panels(2) if axes is None else axes
        for own, title, values in zip(axes, ("Training loss", f"Validation {SELECTION}"), (
                [one.loss for one in self.epochs], [one.metrics[SELECTION] for one in self.epochs]), strict=True):
            plots.curves(own, {title: values}, 1, "epoch", title)
        if self.best is not None:
            axes[1].axvline(self.best.epoch, color="gray", linestyle=":")
        return axes

    def _usable(self, scorer: Scorer | None, where: str, batches: int) -> Scorer:
        """Return the scorer. Raises ConfigError before training, and in the middle of a refit."""
        if scorer is None or not (self.counting or self.epochs or batches):
            raise ConfigError("this model has not been trained yet", where,
                              "Call fit() first, or loop over train(), which does nothing without a loop.")
        if self.refitted is not None and len(self.refitted) < self.epochs[-1].best_epoch:
            raise ConfigError("the refit has not finished", where, "Call fit() to continue it.")
        return scorer

    def _reason_to_stop(self) -> str:
        return "counting takes one pass" if self.counting else reason_to_stop(self.epochs, self.config.training)

    def shown(self) -> dict[str, str]:
        """Return what a notebook shows of the trainer."""
        best = self.best
        return {"method": f"{self.config.objective.method}, K = {self.config.model.steps}", "data": self.facts.name,
                "epochs": str(len(self.epochs)), "run": str(self.run.path) if self.run else "",
                "best": f"epoch {best.epoch}, validation {SELECTION} {best.metrics[SELECTION]:.4f}" if best else ""}
