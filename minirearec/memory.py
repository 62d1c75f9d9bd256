"""Estimate the memory that training needs, before anything is allocated."""

import math
from contextlib import suppress
from pathlib import Path

from minirearec.config import Config
from minirearec.errors import ConfigError
from minirearec.parts import ITEM_ENCODERS
from minirearec.weights import starts_of

FLOAT = 4  # bytes
PIECE = 1_500_000  # items times width: prefixes that are encoded one by one are computed in pieces of this size
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container; the word "max" if it has none
FREE = Path("/proc/meminfo")


def check_memory(config: Config, n_items: int, positions: int, length: float = 1) -> None:
    """Raise ConfigError for a model that cannot be trained in the free memory, with ``positions`` to train on.

    We count what training cannot do without: weights, their averages, gradients and Adam's two moments, and what the
    item encoder and the layers keep for the way back. So a model that passes may still be too large. ``length``: the
    mean length of prefixes that are encoded one by one, in pieces. Their items pass through all blocks but the last.
    """
    model = config.model
    parameters = sum(math.prod(start.shape) for start in starts_of(config, n_items).values())
    passes = (model.layers - 1) * length + 1 + model.layers * model.steps  # of a position through blocks
    at_once = math.inf if length == 1 else PIECE / model.width / length
    batch = math.ceil(min(config.training.batch_positions, positions, at_once) * passes)
    copies = 4 + bool(config.training.average)
    table = ITEM_ENCODERS[model.items].kept(model, n_items)
    needed = FLOAT * (copies * parameters + table + batch * (4 * model.width + model.inner_width))
    free = free_memory()
    if free is not None and needed > free:
        raise ConfigError(f"this model has {parameters:,} parameters; training it takes at least "
                          f"{needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free", "model",
                          "Choose a smaller --width, --inner-width, --layers, --max-length, --experts or "
                          "--batch-positions.")


def free_memory() -> int | None:
    """Return the bytes that a process can still get; None where the system does not say (it is not Linux)."""
    with suppress(OSError, ValueError, StopIteration):
        line = next(line for line in FREE.read_text().splitlines() if line.startswith("MemAvailable:"))
        free = 1024 * int(line.split()[1])
        with suppress(OSError, ValueError):
            free = min(free, int(LIMIT.read_text()))
        return free
    return None
