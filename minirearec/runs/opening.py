"""Open what a run directory holds or refers to: its model, its items and its data."""

import os
from pathlib import Path

from minirearec.counts.item_to_item import CountScorer
from minirearec.data import load
from minirearec.data.items import Items
from minirearec.data.sequences import SequenceData
from minirearec.engine import make_engine
from minirearec.errors import RunError
from minirearec.evaluation.scorers import Scorer, StateScorer
from minirearec.methods import METHODS
from minirearec.runs.checkpoint import BEST
from minirearec.runs.directory import Run

FIX = "The run is damaged; train again."


def load_scorer(run: Run, device: str = "auto", backend: str | None = None) -> Scorer:
    """Open the best weights of a run, with its own backend or another one.

    Raises RunError, with names and shapes, when the weights do not fit the settings.
    """
    weights, _ = run.load_tensors(BEST)
    where = str(run.path / f"{BEST}.safetensors")
    if not METHODS[run.config.objective.method].neural:
        return CountScorer.of(weights, run.data.items, where, FIX)
    engine = make_engine(run.config, run.data.items, weights, backend or run.backend, device, where=where, fix=FIX)
    return StateScorer(engine, run.config)


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
    data = load(where, data_dir, download=download, progress=progress, require_real=not run.data.synthetic)
    same_data(run, data)
    return data


def same_data(run: Run, data: SequenceData) -> None:
    """Raise RunError unless the data are those the run was trained on."""
    if data.sha256 != run.data.sha256:
        raise RunError(f"trained on data with sha256 {run.data.sha256[:12]}..., found {data.sha256[:12]}...",
                       str(run.path), f"Give the folder with the original {run.data.name} file with --data-dir.")
