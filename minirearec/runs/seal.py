"""Bind the files of a run to it and to what was written: each names its run, and holds the sha256 of its content.

``config.toml`` holds a random ``id`` and never changes. Tensor files and results.json repeat the id (``run``) and hold
the sha256 of config.toml (``config``) and of their own content (``sha256``). So a damaged file, a file of another run
and changed settings are found when they are read. None of this protects against somebody who computes the sums again.
Runs of an earlier version have no id and no sums.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np

from minirearec.errors import RunError


@dataclass(frozen=True)
class Seal:
    """What the files of one run share; both are None for a run of an earlier version."""

    run: str | None = None  # the id in config.toml
    config: str | None = None  # the sha256 of config.toml

    def facts(self) -> dict:
        """Return what a file of this run says about it."""
        return {} if self.run is None else asdict(self)

    def check(self, facts: dict, sha256: str, where: str, fix: str) -> None:
        """Raise RunError unless a file of these facts, whose content has this sha256, is whole and of this run."""
        stored = facts.get("sha256")
        if stored != sha256 and (stored is not None or self.run is not None):
            raise RunError("is damaged: its content is not what was written", where, fix)
        if facts.get("run") != self.run:
            raise RunError("belongs to another run", where, fix)
        if facts.get("config") != self.config:
            raise RunError("config.toml was changed after this file was written", where,
                           "Undo the change: settings cannot be changed afterwards. Or train again.")


def tensors_sha256(tensors: dict[str, np.ndarray], facts: dict) -> str:
    """Return the sha256 of names, dtypes, shapes and bytes of arrays, and of the facts except ``sha256``."""
    digest = hashlib.sha256(json_sha256(facts).encode())
    for name, value in sorted(tensors.items()):
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).data)
    return digest.hexdigest()


def json_sha256(content: dict) -> str:
    """Return the sha256 of a JSON object without its own ``sha256``."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
