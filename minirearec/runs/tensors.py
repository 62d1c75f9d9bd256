"""Files of tensors in the safetensors format, with facts in their metadata: read without running anything."""

import json
from pathlib import Path

import numpy as np

from minirearec.errors import RunError
from minirearec.runs.files import check_file
from minirearec.runs.seal import Seal, tensors_sha256


def encode(tensors: dict[str, np.ndarray], facts: dict) -> bytes:
    """Return the content of a file of tensors; the facts are JSON values by name, and ``sha256`` is added to them."""
    from safetensors.numpy import save

    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    facts = {**facts, "sha256": tensors_sha256(contiguous, facts)}
    return save(contiguous, {name: json.dumps(value) for name, value in facts.items()})


def decode(path: Path, seal: Seal, fix: str) -> tuple[dict[str, np.ndarray], dict]:
    """Return the tensors and the facts of a file. Raises RunError when it is damaged or of another run."""
    from safetensors import SafetensorError, safe_open

    check_file(path)
    try:
        with safe_open(path, "np") as file:
            facts = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"not readable as safetensors ({error})", str(path), fix) from error
    seal.check(facts, tensors_sha256(tensors, facts), str(path), fix)
    return tensors, facts
