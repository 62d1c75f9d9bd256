"""Rewrite a run as an earlier version of the library left it: without id, sums, lock and places inside epochs.

Its results say nothing about how often training saw the targets.
"""

import json
import tomllib
from pathlib import Path

import numpy as np
import tomli_w
from safetensors import safe_open
from safetensors.numpy import save_file


def age(run: Path) -> Path:
    """Turn a run of two files of tensors, or of one, into one of the earlier form, in place."""
    config = tomllib.loads((run / "config.toml").read_text())
    (run / "config.toml").write_text(tomli_w.dumps(
        {name: value for name, value in config.items() if name not in ("id", "files", "threads")}))
    for path in run.glob("*.safetensors"):
        with safe_open(path, "np") as file:
            tensors = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
            save_file(tensors, path, {"epoch": file.metadata()["epoch"]})
    if (run / "results.json").exists():
        results = json.loads((run / "results.json").read_text())
        del results["test"]["seen_in_training"]
        (run / "results.json").write_text(json.dumps(
            {name: value for name, value in results.items() if name not in ("run", "config", "sha256")}))
    (run / "lock").unlink()
    return run
