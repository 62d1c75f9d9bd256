"""What a run directory gives back: its model and its data."""

import os
from pathlib import Path

from minirearec.counts import CountScorer
from minirearec.data import load
from minirearec.data.sequences import SequenceData
from minirearec.engines import make_engine
from minirearec.errors import RunError
from minirearec.evaluation import Scorer
from minirearec.runs import Run
from minirearec.scorers import StateScorer

MISFITS = (RuntimeError, TypeError, KeyError, ValueError)  # what loading weights of other names or shapes raises


def load_scorer(run: Run, device: str = "auto", backend: str | None = None) -> Scorer:
    """The scorer of a run's best weights, on the backend it was trained with or on another one."""
    weights, _ = run.load_tensors("best")
    try:
        if run.config.objective.method == "counts":
            return CountScorer(**weights)
        engine = make_engine(run.config, run.data.items, device, backend or run.backend)
        engine.load_weights(weights)
        return StateScorer(engine, run.config)
    except MISFITS as error:
        raise RunError("the weights do not fit the settings in config.toml", str(run.path / "best.safetensors"),
                       "The run is damaged; train again.") from error


def load_data(run: Run, data_dir: Path | str | None = None, *, download: bool = True, progress=None) -> SequenceData:
    """The data a run was trained on: real data are never replaced by a simulation here.

    A file of the user's own that has moved is looked for by its name in ``data_dir``.
    Raises DataError or DownloadError when the data cannot be had, RunError when they are not the same.
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
