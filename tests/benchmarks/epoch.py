"""Measure seconds and memory of one training epoch and one test evaluation for each method.

Run it on an idle machine:  python tests/benchmarks/epoch.py --dataset beauty --repeats 3
Every method runs in a new process, so that we measure its own peak memory; methods take turns in every repeat.
PRL and ERL run as after their warm-up: PRL with noise and contrastive term, ERL with the KL term.
"""

import json
import resource
import statistics
import subprocess
import sys
import time

import click

METHODS = {"base": {}, "erl": {"kl_weight": 0.05}, "prl": {"noise": 0.01, "contrastive_weight": 1.0}}


def measure(dataset: str, data_dir: str | None, method: str, settings: dict) -> dict:
    """Measure one epoch, the evaluation of its model, and the peak memory of this process."""
    import numpy as np

    from minirearec.config import Config
    from minirearec.data import load
    from minirearec.data.batching import iterate
    from minirearec.evaluation.full_ranking import evaluate
    from minirearec.training import Trainer

    config = Config.make(**{"method": method, "warmup_epochs": 0, **METHODS[method], **settings})
    trainer = Trainer(config, load(dataset, data_dir, require_real=True))
    batches = list(iterate(trainer.fitting.windows, config.training.batch_positions, np.random.default_rng(0)))
    trainer.engine.start_epoch(1)
    for batch in batches[:2]:  # first calls allocate and choose kernels
        trainer.engine.train_batch(batch)
    began = time.perf_counter()
    for batch in batches:
        trainer.engine.train_batch(batch)
    epoch = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # GiB; Linux counts in KiB
    began = time.perf_counter()
    evaluate(trainer.scorer, trainer.split, "test")
    return {"epoch": epoch, "peak": peak, "evaluation": time.perf_counter() - began}


def read(value: str):
    """Return the value of a setting: a number, or a word."""
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


@click.command()
@click.option("--dataset", default="beauty")
@click.option("--data-dir", default=None)
@click.option("--repeats", default=3, show_default=True)
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A setting, such as width=64.")
@click.option("--one", type=click.Choice(METHODS), default=None, help="Measure this method alone, once, as JSON.")
def main(dataset, data_dir, repeats, pairs, one):
    """Time one epoch of base, ERL and PRL side by side."""
    settings = {name: read(value) for name, value in (pair.split("=") for pair in pairs)}
    if one:
        print(json.dumps(measure(dataset, data_dir, one, settings)))
        return
    import os

    import torch

    from minirearec.data import load

    data = load(dataset, data_dir, require_real=True)
    print(f"{data.name}, sha256 {data.sha256}\n{os.cpu_count()} cores, torch {torch.__version__}, "
          f"{torch.get_num_threads()} threads, {repeats} repeats: best (median)")
    found = {method: [] for method in METHODS}
    for _ in range(repeats):
        for method in METHODS:
            command = [sys.executable, __file__, *sys.argv[1:], "--one", method]
            found[method].append(json.loads(subprocess.check_output(command, text=True)))
    for method, rows in found.items():
        cells = []
        for key, unit in (("epoch", "s an epoch"), ("evaluation", "s a test evaluation"), ("peak", "GiB peak memory")):
            values = [row[key] for row in rows]
            cells.append(f"{min(values):6.2f} ({statistics.median(values):.2f}) {unit}")
        print(f"{method:5}", *cells, sep="  ")


if __name__ == "__main__":
    main()
