"""Seconds and peak memory of opening a run of a million items for inference, on each backend.

    python tests/benchmarks/opening.py --items 1000000

The run is made first, with weights as training starts from, in a folder that is removed at the end. Each opening takes
place in a fresh process and ends with one recommendation, so that nothing is left undone; imports are not counted.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np


def make(path: Path, items: int, width: int) -> None:
    """Write a run directory with weights for so many items, and no data set behind it."""
    from minirearec.config import Config
    from minirearec.data.sequences import SequenceData
    from minirearec.runs.directory import Run
    from minirearec.weights import draw, starts_of

    config = Config.make(method="erl", width=width)
    data = SequenceData("million", np.zeros(3, np.int32), np.array([0, 3]), np.arange(1), np.arange(1, items + 1), "",
                        True, "made by a benchmark")
    run = Run.create(path, config, data, "torch", {})
    run.save_tensors("best", draw(starts_of(config, items), config.model.initial_std, seed=0), {"epoch": 1})


def measure(path: Path, backend: str) -> dict:
    """Open the run and recommend once: seconds of both, and the peak memory of this process beyond the imports."""
    import minirearec.nn.engine
    import minirearec.reference.engine  # noqa: F401
    from minirearec.recommender import Recommender

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    model = Recommender.load(path, backend=backend)
    opened = time.perf_counter()
    model.recommend([1, 2, 3])
    ended = time.perf_counter()
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20  # GiB; Linux counts in KiB
    return {"open": opened - began, "first": ended - opened, "peak": peak}


@click.command()
@click.option("--items", default=1_000_000, show_default=True)
@click.option("--width", default=128, show_default=True)
@click.option("--repeats", default=3, show_default=True)
@click.option("--one", nargs=2, hidden=True)
def main(items, width, repeats, one):
    """Open a large run for inference, and say how long it takes and how much memory."""
    if one:
        path, what = Path(one[0]), one[1]
        if what == "make":
            make(path, items, width)
        else:
            print(json.dumps(measure(path, what)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        # In a process of its own: a child's peak memory begins with that of its parent.
        subprocess.check_call([sys.executable, __file__, *sys.argv[1:], "--one", str(path), "make"])
        size = sum(file.stat().st_size for file in path.iterdir()) / 2**30
        print(f"{os.cpu_count()} cores; {items:,} items, D = {width}, a run of {size:.2f} GiB; median of {repeats}")
        for backend in ("torch", "numpy"):
            command = [sys.executable, __file__, "--one", str(path), backend]
            rows = [json.loads(subprocess.check_output(command, text=True)) for _ in range(repeats)]
            middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            print(f"{backend:5}  open {middle['open']:.2f} s, first recommendation {middle['first']:.2f} s, "
                  f"peak memory {middle['peak']:.2f} GiB")


if __name__ == "__main__":
    main()
