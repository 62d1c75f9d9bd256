"""More epochs for a run that has ended: ``more.json`` holds its new limits, since config.toml never changes."""

import json
import os
from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.config import Config
from minirearec.errors import RunError
from minirearec.events import EpochDone, reason_to_stop
from minirearec.runs.files import fits, parse_json, read
from minirearec.runs.seal import Seal

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


def extend(path: Path, seal: Seal, config: Config, epochs: list[EpochDone]) -> None:
    """Let a run continue to the limits of ``config``; its results are written again at the end.

    ``epochs``: those that are finished. Raises RunError when training would still stop at once.
    """
    limits = config.training
    reason = reason_to_stop(epochs, limits.epochs, limits.patience)
    if reason:
        raise RunError(f"would stop at once: {reason}", str(path),
                       f"It has {len(epochs)} finished epochs. Give a higher --epochs; if it stopped early, a higher "
                       "--patience.")
    content = {"run": seal.run, **{name: getattr(limits, name) for name in LIMITS}}
    try:
        write_bytes(path / MORE, json.dumps(content).encode())
        (path / "results.json").unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot be written ({error.strerror})", str(path), "Make room or give write access.") from error
