"""More epochs for a run that has ended: ``more.json`` holds its new limits, since config.toml never changes."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from minirearec.atomic import write_bytes
from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import EpochDone
from minirearec.methods import METHODS
from minirearec.runs.files import fits, parse_json, read
from minirearec.runs.seal import Seal
from minirearec.stopping import reason_to_stop

if TYPE_CHECKING:
    from minirearec.runs.directory import Run

MORE = "more.json"
LIMITS = ("epochs", "patience")


def extended(path: Path, own: str | None, config: Config) -> Config:
    """Return the settings of a run with its new limits, if it has any. Raises RunError for a damaged file."""
    place, fix = path / MORE, "Delete it to return to the limits in config.toml."
    if not os.path.exists(place):
        return config
    stored = parse_json(read(place), str(place), fix)
    if not fits(stored, dict.fromkeys(LIMITS, int)) or stored.get("run") != own:
        raise RunError("does not hold the new limits of this run", str(place), fix)
    return config.replaced(**{name: stored[name] for name in LIMITS})


def longer(run: "Run", epochs: list[EpochDone], limits: dict[str, int]) -> Config:
    """Return the settings of a run with new ``limits`` (LIMITS), with which it continues after its ``epochs``.

    Raises RunError when training would still stop at once, when a refit has begun, since the model of the search is
    gone, and for a run that only counts.
    """
    path, config = run.path, run.config
    if not METHODS[config.objective.method].neural:
        raise RunError("only counts, so it has no epochs to continue", str(path), "Leave --epochs and --patience out.")
    if config.training.refit and reason_to_stop(epochs, config.training):
        raise RunError("cannot continue its search for the best epoch: the refit has taken the place of its model",
                       str(path), "Train a new run with a higher --epochs or --patience.")
    new = replace(config.training, **limits)
    reason = reason_to_stop(epochs, new)
    if len(epochs) == new.most_epochs < new.epochs:
        raise RunError("cannot continue after the end of its schedule", str(path),
                       "Train a new run with a higher --schedule-epochs.")
    if reason:
        raise RunError(f"would stop at once: {reason}", str(path),
                       f"It has {len(epochs)} finished epochs. Give a higher --epochs; if it stopped early, a higher "
                       "--patience.")
    return replace(config, training=new)


def write_limits(path: Path, seal: Seal, config: Config) -> None:
    """Write the limits of these settings for a run; its results go, and are written again at the end."""
    content = {"run": seal.run, **{name: getattr(config.training, name) for name in LIMITS}}
    try:
        write_bytes(path / MORE, json.dumps(content).encode())
        (path / "results.json").unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot be written ({error.strerror})", str(path), "Make room or give write access.") from error
