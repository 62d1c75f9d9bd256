"""A checkpoint: all that training needs to continue, as one value and in one file."""

from dataclasses import asdict, dataclass, fields

import numpy as np

from minirearec.errors import RunError
from minirearec.events import EpochDone, RefitEpochDone
from minirearec.runs.contents import epochs_of, refit_epochs_of
from minirearec.runs.directory import Run
from minirearec.runs.files import fits

LAST = "last"  # its file, without .safetensors
BEST = "best"  # the weights of the best epoch, fitted on train
REFIT = "refit"  # those of the refit, fitted on train and validation
FIX = f"The file is damaged; {BEST}.safetensors still evaluates and recommends. To train, start a new run."


@dataclass(frozen=True)
class Inside:
    """How far training is inside an epoch."""

    batches: int = 0
    positions: int = 0
    loss: float = 0.0  # the sum over these positions
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The finished epochs, the weights, Adam's moments, and inside an epoch also the state of the random numbers.

    In the second phase of a refit, ``refitted`` has its finished epochs, and ``epochs`` all of the first phase.
    """

    epochs: list[EpochDone]
    weights: dict[str, np.ndarray]
    moments: dict[str, np.ndarray]
    inside: Inside = Inside()
    random: np.ndarray | None = None  # uint8; None between epochs: the next one seeds itself
    refitted: list[RefitEpochDone] | None = None  # None in the first phase

    @property
    def finished(self) -> int:
        """Return the number of finished epochs of this phase."""
        return len(self.epochs if self.refitted is None else self.refitted)

    def save(self, run: Run) -> None:
        """Write last.safetensors."""
        parts = {"weights": self.weights, "moments": self.moments}
        if self.random is not None:
            parts["random"] = {"state": self.random}
        facts = {"epoch": len(self.epochs), "epochs": list(map(asdict, self.epochs)), "inside": asdict(self.inside)}
        if self.refitted is not None:
            facts["refitted"] = list(map(asdict, self.refitted))
        run.save_tensors(LAST, {f"{part}.{name}": value for part, tensors in parts.items()
                                for name, value in tensors.items()}, facts)

    @classmethod
    def load(cls, run: Run) -> "Checkpoint | None":
        """Read last.safetensors; None before the first one. Raises RunError for a damaged file."""
        if not run.has(f"{LAST}.safetensors"):
            return None
        tensors, facts = run.load_tensors(LAST, FIX)
        parts: dict[str, dict[str, np.ndarray]] = {"weights": {}, "moments": {}}
        for name, value in tensors.items():
            part, _, own = name.partition(".")
            parts.setdefault(part, {})[own] = value
        where, inside = str(run.path / f"{LAST}.safetensors"), facts.get("inside", asdict(Inside()))
        random = parts.get("random", {}).get("state")
        if not {"weights", "moments"} <= set(parts) <= {"weights", "moments", "random"} \
                or not fits(facts, {"epoch": int}) or not fits(inside, {one.name: one.type for one in fields(Inside)}) \
                or bool(inside["batches"]) != (random is not None) or not facts["epoch"] + inside["batches"] > 0 \
                or inside["positions"] < inside["batches"]:
            raise RunError("not a checkpoint of weights and moments", where, FIX)
        old = "epochs" not in facts  # a run of an earlier version
        epochs = run.read_metrics()[:facts["epoch"]] if old else epochs_of(facts["epochs"], where, FIX)
        if len(epochs) != facts["epoch"]:
            raise RunError(f"is from epoch {facts['epoch']}, but there are {len(epochs)} epochs", where, FIX)
        refitted = None
        if "refitted" in facts:
            refitted = refit_epochs_of(facts["refitted"], epochs, where, FIX)
        return cls(epochs, parts["weights"], parts["moments"], Inside(**inside), random, refitted)
