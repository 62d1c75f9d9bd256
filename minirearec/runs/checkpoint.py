"""A checkpoint: all that training needs to continue after an epoch, as one value."""

from dataclasses import dataclass

import numpy as np

from minirearec.errors import RunError
from minirearec.runs.directory import Run

LAST = "last"  # its file, without .safetensors
BEST = "best"  # the weights of the best epoch


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The number of the finished epoch, the weights after it, and Adam's moments."""

    epoch: int
    weights: dict[str, np.ndarray]
    moments: dict[str, np.ndarray]

    def save(self, run: Run) -> None:
        """Write last.safetensors."""
        parts = {"weights": self.weights, "moments": self.moments}
        run.save_tensors(LAST, {f"{part}.{name}": value for part, tensors in parts.items()
                                for name, value in tensors.items()}, {"epoch": self.epoch})

    @classmethod
    def load(cls, run: Run) -> "Checkpoint | None":
        """Read last.safetensors; None before the first finished epoch. Raises RunError for a damaged file."""
        if not run.has(f"{LAST}.safetensors"):
            return None
        tensors, facts = run.load_tensors(LAST)
        parts: dict[str, dict[str, np.ndarray]] = {"weights": {}, "moments": {}}
        for name, value in tensors.items():
            part, _, own = name.partition(".")
            parts.setdefault(part, {})[own] = value
        if set(parts) != {"weights", "moments"} or not isinstance(facts.get("epoch"), int):
            raise RunError("not a checkpoint of weights and moments", str(run.path / f"{LAST}.safetensors"),
                           "The file is damaged; train again.")
        return cls(facts["epoch"], parts["weights"], parts["moments"])
