"""Open what a run directory holds or refers to: its model, its items and its data."""

import hashlib
import os
from pathlib import Path

from minirearec.config import TRAIN
from minirearec.counts.scorer import CountScorer
from minirearec.data import load
from minirearec.data.catalogue.cards import known
from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.engine import make_engine
from minirearec.errors import RunError
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.methods import METHODS
from minirearec.runs.checkpoint import BEST, REFIT
from minirearec.runs.directory import Run
from minirearec.runs.files import check_file

FIX = "The run is damaged; train again."


def load_scorer(run: Run, device: str = "auto", backend: str | None = None, part: str = "test") -> Scorer:
    """Open the weights of a run that this part evaluates, with its own backend or another one.

    They are the best ones; after a refit those of the refit, except for the part "valid", which these have seen.
    Raises RunError, with names and shapes, when the weights do not fit the settings, and for an unfinished refit.
    """
    name = BEST if run.config.fitted_on(part) == TRAIN else REFIT
    where = str(run.path / f"{name}.safetensors")
    if name == REFIT and not run.has(f"{REFIT}.safetensors"):
        raise RunError(f"{REFIT}.safetensors is missing: the refit has not finished", str(run.path),
                       f"Resume it: minirearec train --resume {run.path}")
    weights, _ = run.load_tensors(name)
    if not METHODS[run.config.objective.method].neural:
        return CountScorer.of(weights, run.config.counting, run.data.items, where, FIX)
    engine = make_engine(run.config, run.data.items, weights, backend or run.backend, device,
                         features=run.read_features(), where=where, fix=FIX)
    return StateScorer(engine, run.config)


def load_thinkers(run: Run, device: str = "auto", backend: str | None = None,
                  part: str = "test") -> tuple[StateScorer, StateScorer | None]:
    """Open the model that has not seen the validation part and, where another one evaluates ``part``, that one too.

    Raises RunError for a model that takes no reasoning steps, and what ``load_scorer`` raises.
    """
    if not run.config.model.steps:
        raise RunError("the model takes no reasoning steps, so there is nothing to choose among", str(run.path),
                       "Give a run with at least one step.")
    first, final = (load_scorer(run, device, backend, which) for which in ("valid", part))
    assert isinstance(first, StateScorer) and isinstance(final, StateScorer), "a model with steps has states"
    return first, None if run.config.fitted_on(part) == TRAIN else final


def load_items(run: Run, data_dir: Path | str | None = None, progress=None) -> Items:
    """Return the items of a run; for a run of an earlier version, which does not hold them, those of its data set."""
    return run.read_items() or load_data(run, data_dir, progress=progress).catalogue


def load_data(run: Run, data_dir: Path | str | None = None, *, download: bool = True, progress=None) -> SequenceData:
    """Load the data that a run was trained on. A synthetic stand-in never replaces real data here.

    If the run used the user's own file and it has moved, we search ``data_dir`` for its name.
    Raises DataError or DownloadError when the data cannot be obtained, RunError when they differ.
    """
    where = run.data.where
    if data_dir is not None and os.path.isabs(where) and not os.path.exists(where):
        where = os.path.join(data_dir, os.path.basename(where))
    if known(where) is None:
        check_file_of(run, Path(os.path.expanduser(where)))
    data = load(where, data_dir, download=download, progress=progress, require_real=not run.data.synthetic)
    same_data(run, data.sha256)
    return data


def check_file_of(run: Run, path: Path) -> None:
    """Raise RunError if a file exists that is not the one the run was trained on, before anything parses it.

    A run from elsewhere may name any file of this machine, and a message about its lines would quote them.
    """
    if not os.path.exists(path) or os.path.isdir(path):
        return  # load() says what is missing; directories are checked when they are loaded
    check_file(path)
    try:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})", str(path), "Check its permissions.") from error
    same_data(run, found)


def same_data(run: Run, sha256: str) -> None:
    """Raise RunError unless the data with this sha256 are those the run was trained on."""
    if sha256 != run.data.sha256:
        raise RunError(f"trained on data with sha256 {run.data.sha256[:12]}..., found {sha256[:12]}...",
                       str(run.path), f"Give the folder with the original {run.data.name} file with --data-dir.")
