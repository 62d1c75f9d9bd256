"""The software and machine of a run, for env.json and for questions later."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from minirearec.config import Config
from minirearec.data.sequences import SequenceData


def environment(config: Config, data: SequenceData, device: str, command: str) -> dict:
    """Return the software, machine, data and command of a run."""
    versions: dict[str, str | None] = {"python": platform.python_version()}
    for package in ("minirearec", "numpy", "torch", "safetensors"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {"versions": versions, "platform": platform.platform(), "machine": platform.machine(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "device": device, "data": data.name, "data_sha256": data.sha256, "synthetic": data.synthetic,
            "seed": config.training.seed, "command": command}
