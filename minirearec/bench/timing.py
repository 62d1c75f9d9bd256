"""Take times: several ways in turns, so that a busy moment of the machine hits all of them, and their summary."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

REPEATS, QUICK_REPEATS = 3, 2


@dataclass(frozen=True)
class Times:
    """The median of several measurements in seconds, with the fastest and the slowest."""

    median: float
    low: float
    high: float
    repeats: int

    @classmethod
    def of(cls, values: list[float], scale: float = 1.0) -> "Times":
        """Summarise measurements; ``scale`` turns those of a sample into those of the whole."""
        return cls(scale * statistics.median(values), scale * min(values), scale * max(values), len(values))


def in_turns(ways: Mapping[str, Callable[[], object]], repeats: int, warm: int = 1) -> dict[str, list[float]]:
    """Call every way ``warm`` times for nothing, then ``repeats`` times in turns; return the seconds of each call."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(warm + repeats):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if turn >= warm:
                taken[name].append(time.perf_counter() - began)
    return taken


def peak_memory() -> int | None:
    """Return the most memory in bytes that this process has ever had in the machine's memory, None if unknown.

    On Linux we read VmHWM: ``ru_maxrss`` begins with the memory of the parent process.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    except (OSError, StopIteration):
        return None
