"""More epochs for a run that has ended: ``more.json`` holds its new limits, since config.toml never changes."""

import json
import os
from dataclasses import replace
from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import EpochDone
from minirearec.runs.files import fits, parse_json, read
from minirearec.runs.seal import Seal
from minirearec.stopping import reason_to_stop

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


def extend(path: Path, seal: Seal, config: Config, epochs: list[EpochDone], /, **limits: int) -> None:
    """Let a run of these settings continue to new ``limits`` (LIMITS); its results are written again at the end.

    ``epochs``: those that are finished. Raises RunError when training would still stop at once, and when a refit has
    begun: the model of the search is gone.
    """
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
    content = {"run": seal.run, **{name: getattr(new, name) for name in LIMITS}}
    try:
        write_bytes(path / MORE, json.dumps(content).encode())
        (path / "results.json").unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot be written ({error.strerror})", str(path), "Make room or give write access.") from error
