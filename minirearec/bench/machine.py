"""The facts of a machine that its speed depends on: processor, cores, threads and rates of products."""

import os
import platform
from pathlib import Path

from minirearec.bench.roofline import DTYPES, Roofline
from minirearec.bench.work import SCORE_ROWS, Product


def processor() -> str:
    """Return the name of the processor, as the operating system calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def load_average() -> float:
    """Return how many processes were running or waiting in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def threads_and_rates(roofline: Roofline, width: int, n_items: int) -> dict:
    """Return the threads and device of this process, and its rates of the catalogue's product by number type."""
    if roofline.backend == "torch":
        from minirearec.nn.products import resources
    else:
        from minirearec.reference.products import resources
    shape = (SCORE_ROWS, width, n_items)
    rates = {dtype: roofline.rate(Product(*shape, dtype=dtype)) for dtype in DTYPES[roofline.backend]}
    threads, device = resources(roofline.device)
    return {"threads": threads, "device": device, "product": list(shape), "rates": rates}
